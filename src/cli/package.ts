import { readFileSync } from 'node:fs';

/** The version that package.json states; the same path from the sources and from the built package. */
export function packageVersion(): string {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string };
  return version;
}

/** The command as it was given, for what is written to say of itself. */
export function commandLine(): string {
  return ['rumpsim', ...process.argv.slice(2)].join(' ');
}

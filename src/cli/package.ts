import { readFileSync } from 'node:fs';
import { inPackage } from '../study/place.ts';

/** The version that package.json states. */
export function packageVersion(): string {
  const { version } = JSON.parse(readFileSync(inPackage('package.json'), 'utf8')) as { version: string };
  return version;
}

/** The command as it was given, for what is written to say of itself. */
export function commandLine(): string {
  return ['rumpsim', ...process.argv.slice(2)].join(' ');
}

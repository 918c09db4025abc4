import { readFileSync } from 'node:fs';

/** The version that package.json states; the same path from the sources and from the built package. */
export function packageVersion(): string {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string };
  return version;
}

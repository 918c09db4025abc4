import { createHash } from 'node:crypto';
import type { CostTable } from '../hw/cost.ts';
import { createManifest, type Hash, type Manifest, type Seeds } from '../study/manifest.ts';
import { packageVersion } from './package.ts';

export const sha256: Hash = (data) => `sha256:${createHash('sha256').update(data).digest('hex')}`;

export interface Origin {
  readonly scenario: unknown;
  readonly costs: CostTable;
  readonly seeds: Seeds | null;
  readonly traceHashes?: Readonly<Record<string, string>> | undefined;
}

/** The manifest of something this process computes: goes into a JSON result, or into `manifest.json` beside files that have no room for it. */
export function provenance(origin: Origin): Manifest {
  const invocation = { command: ['rumpsim', ...process.argv.slice(2)], node: process.versions.node };
  return createManifest({ ...origin, version: packageVersion(), invocation }, sha256);
}

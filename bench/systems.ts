import type { Bench } from './bench.ts';

/** Whole systems under load: each says its simulated seconds and frames, and checks its event counts. */
export const systemBenches: readonly Bench[] = [];

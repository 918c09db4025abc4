import { defaultCosts } from '../src/study/cost-tables.ts';
import { simulate } from '../src/study/simulate.ts';
import { SYSTEMS } from '../src/study/system.ts';
import type { Bench, Outcome, Result } from './bench.ts';
import { LOAD_MBPS } from './systems.ts';

const NAME = 'scale, sel4-msi';
/** Simulated seconds of a run, and runs to measure: together at least a second of CPU time, or the clock and what else the machine does decide. */
const DURATIONS: readonly (readonly [seconds: number, runs: number])[] = [[0.2, 500], [2, 50], [20, 5], [200, 1], [2000, 1]];
/** The same of the runs before the clock starts: long ones until V8 has compiled what a frame takes, short ones until it has what a run takes to begin and to end. */
const WARM: typeof DURATIONS = [[2, 12], [0.01, 400]];

function bench(seconds: number, runs: number): Bench {
  return {
    name: `${NAME} ${runs} x ${seconds} s`,
    ...(seconds > 200 ? { rounds: 1 } : {}),
    prepare: () => {
      const costs = defaultCosts();
      const system = SYSTEMS.find(({ name }) => name === 'sel4-msi');
      // Compiled before the clock starts: it is the cost of a frame that is asked for.
      for (const [duration, times] of WARM) {
        if (system !== undefined) for (let run = 0; run < times; run++) simulate({ system, loadMbps: LOAD_MBPS, pacing: 'fq', duration, warmup: 0, seed: 2, run }, costs);
      }
      return (): Outcome => {
        if (system === undefined) return { events: 0, problems: ['there is no system sel4-msi'] };
        let events = 0;
        let frames = 0;
        const problems: string[] = [];
        for (let run = 0; run < runs; run++) {
          const result = simulate({ system, loadMbps: LOAD_MBPS, pacing: 'fq', duration: seconds, warmup: 0, seed: 1, run }, costs);
          events += result.events;
          frames += (result.counters['frames.in'] ?? 0) + (result.counters['frames.out'] ?? 0);
          // The client starts at a random time in the first 10 ms; what is under way at the end is less than 1 MB.
          const short = LOAD_MBPS - result.throughputMbps;
          if (!(short >= -4 / seconds && short <= 0.01 * LOAD_MBPS / seconds + 8 / seconds)) problems.push(`run ${run}: ${result.throughputMbps} Mb/s of ${LOAD_MBPS}`);
        }
        return { events, frames, simulatedSeconds: seconds * runs, problems };
      };
    },
  };
}

/** The cost of a frame must not depend on how long a run is, nor the memory. */
export const scaleBenches: readonly Bench[] = DURATIONS.map(([seconds, runs]) => bench(seconds, runs));

/** What the scale benches say together, one line each; nothing when they were not run. */
export function scaleReport(results: readonly Result[]): string[] {
  const runs = results.filter(({ name }) => name.startsWith(NAME));
  const perFrame = runs.map(({ cpuSeconds, frames = 0 }) => (cpuSeconds / frames) * 1e9);
  if (perFrame.length < 2) return [];
  const spread = (Math.max(...perFrame) / Math.min(...perFrame) - 1) * 100;
  const memory = runs.map(({ peakMegabytes }) => peakMegabytes);
  return [
    `scale: ${perFrame.map((ns) => ns.toFixed(0)).join(', ')} ns of CPU a frame, ${spread.toFixed(0)} % apart (${spread <= 10 ? 'within' : 'NOT within'} 10 %); peak memory ${memory.map((mb) => mb.toFixed(0)).join(', ')} MB`,
  ];
}

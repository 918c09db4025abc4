import { Event } from '../src/events/event.ts';
import { Priority } from '../src/events/priority.ts';
import type { Simulator } from '../src/events/simulator.ts';
import type { Tick } from '../src/events/time.ts';
import { defaultCosts } from '../src/study/cost-tables.ts';
import { simulate, type SimulateOptions } from '../src/study/simulate.ts';
import { SYSTEMS } from '../src/study/system.ts';
import type { Bench, Outcome, Result } from './bench.ts';
import { LOAD_MBPS } from './systems.ts';

const NAME = 'scale, sel4-msi';
/** Simulated seconds of a run, and runs to measure: together at least a second of CPU time, or the clock and what else the machine does decide. */
const DURATIONS: readonly (readonly [seconds: number, runs: number])[] = [[0.2, 500], [2, 50], [20, 5], [200, 1], [2000, 1]];
/** The same of the runs before the clock starts: long ones until V8 has compiled what a frame takes, short ones until it has what a run takes to begin and to end. */
const WARM: typeof DURATIONS = [[2, 12], [0.01, 400]];

/** Runs longer than that are measured once. */
const LONGEST = 200;
/** In parts of so many simulated seconds, which take as long as a round of the others: the fastest part is to the whole what the fastest round is to them. */
const PART = 100;

/** Reads the CPU time at the end of each part of a run. */
class Parts {
  readonly seconds: number[] = [];
  private last = process.cpuUsage();

  attach(simulator: Simulator, end: Tick, parts: number): void {
    this.last = process.cpuUsage();
    const event = new Event('bench/part', Priority.boundary, (tick) => {
      const { user, system } = process.cpuUsage(this.last);
      this.seconds.push((user + system) / 1e6);
      this.last = process.cpuUsage();
      if (tick < end) simulator.schedule(event, tick + end / parts);
    });
    simulator.schedule(event, end / parts);
  }
}

function bench(seconds: number, runs: number): Bench {
  return {
    name: `${NAME} ${runs} x ${seconds} s`,
    ...(seconds > LONGEST ? { rounds: 1 } : {}),
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
        const parts = new Parts();
        const options: SimulateOptions = seconds > LONGEST ? { attach: ({ simulator }, end) => parts.attach(simulator, end, seconds / PART) } : {};
        const problems: string[] = [];
        for (let run = 0; run < runs; run++) {
          const result = simulate({ system, loadMbps: LOAD_MBPS, pacing: 'fq', duration: seconds, warmup: 0, seed: 1, run }, costs, options);
          events += result.events;
          frames += (result.counters['frames.in'] ?? 0) + (result.counters['frames.out'] ?? 0);
          // The client starts at a random time in the first 10 ms; what is under way at the end is less than 1 MB.
          const short = LOAD_MBPS - result.throughputMbps;
          if (!(short >= -4 / seconds && short <= 0.01 * LOAD_MBPS / seconds + 8 / seconds)) problems.push(`run ${run}: ${result.throughputMbps} Mb/s of ${LOAD_MBPS}`);
        }
        return { events, frames, simulatedSeconds: seconds * runs, ...(parts.seconds.length > 0 ? { parts: parts.seconds } : {}), problems };
      };
    },
  };
}

/** The cost of a frame must not depend on how long a run is, nor the memory. */
export const scaleBenches: readonly Bench[] = DURATIONS.map(([seconds, runs]) => bench(seconds, runs));

/** What the scale benches say together, one line each; nothing when they were not run. */
export function scaleReport(results: readonly Result[]): string[] {
  const runs = results.filter(({ name }) => name.startsWith(NAME));
  const perFrame = runs.map(({ cpuSeconds, frames = 0, parts }) => ((parts === undefined ? cpuSeconds : Math.min(...parts) * parts.length) / frames) * 1e9);
  if (perFrame.length < 2) return [];
  const spread = (Math.max(...perFrame) / Math.min(...perFrame) - 1) * 100;
  const memory = runs.map(({ peakMegabytes }) => peakMegabytes);
  return [
    `scale: ${perFrame.map((ns) => ns.toFixed(0)).join(', ')} ns of CPU a frame, ${spread.toFixed(0)} % apart (${spread <= 10 ? 'within' : 'NOT within'} 10 %); peak memory ${memory.map((mb) => mb.toFixed(0)).join(', ')} MB`,
  ];
}

import { defaultCosts } from '../src/study/cost-tables.ts';
import { type RunResult, simulate } from '../src/study/simulate.ts';
import { type System, SYSTEMS } from '../src/study/system.ts';
import type { Bench } from './bench.ts';

export const LOAD_MBPS = 900;
const WARMUP = 0.5;

/** What must be true of a run whatever it costs: counts that theory gives, so that a fast wrong answer fails. */
export function check(result: RunResult, system: System): string[] {
  const { counters, ticks } = result;
  const seconds = result.duration - result.warmup;
  const count = (name: string): number => counters[name] ?? 0;
  const problems: string[] = [];
  const expect = (what: string, value: number, low: number, high: number): void => {
    if (!(value >= low && value <= high)) problems.push(`${what}: ${value} is not in ${low}..${high}`);
  };
  if (BigInt(ticks.busy) + BigInt(ticks.idle) !== BigInt(ticks.elapsed)) problems.push('busy and idle do not add up to elapsed');
  // The buffers of both ends, about 0.4 MB, may be out at either end of the window.
  expect('payload, Mb/s', result.throughputMbps, result.loadMbps - 4 / seconds, result.loadMbps + 4 / seconds);
  expect('frames in', count('frames.in') * 1448, count('bytes.delivered') - 4e5, count('bytes.delivered') + 4e5);
  // Counted a moment before it leaves: an edge of the window may fall between.
  expect('ACKs that are frames out', count('tcp.acks') - count('frames.out'), -1, 1);
  // NetBSD's TCP: at least an ACK for two segments, at most that and a window update for each read. Linux merges segments before TCP sees them.
  if (system.kernel !== 'linux') expect('ACKs', count('tcp.acks'), count('tcp.segments') / 2 - 1, count('tcp.segments') / 2 + count('app.reads') + 1);
  // With MSI-X the delay timers moderate, not ITR.
  if (system.nic.itr > 0 && system.controller !== 'msix') expect('interrupts', count('nic.interrupts'), 1, seconds / (system.nic.itr * 256e-9) + 2);
  if (system.kernel === 'sel4') expect('kernel ticks', count('kernel.tick'), seconds * 500 - 1, seconds * 500 + 1);
  return problems;
}

function bench(system: System, seconds: number): Bench {
  return {
    name: `${system.name} ${LOAD_MBPS} Mb/s ${seconds} s`,
    prepare: () => {
      const costs = defaultCosts();
      return () => {
        const result = simulate({ system, loadMbps: LOAD_MBPS, pacing: 'fq', duration: seconds + WARMUP, warmup: WARMUP, seed: 1, run: 0 }, costs);
        return { events: result.events, simulatedSeconds: seconds, frames: (result.counters['frames.in'] ?? 0) + (result.counters['frames.out'] ?? 0), problems: check(result, system) };
      };
    },
  };
}

/** Whole systems under load, 20 simulated seconds each. */
export const systemBenches: readonly Bench[] = SYSTEMS.map((system) => bench(system, 20));

import { readFileSync, writeFileSync } from 'node:fs';

/** What a benchmark did in the part that is timed, and whether its answer is right. */
export interface Outcome {
  /** Occurrences that the engine dispatched; rows, where it dispatches none. */
  readonly events: number;
  /** Simulated seconds, where the benchmark simulates a system. */
  readonly simulatedSeconds?: number;
  /** Frames in and out on the wire, where it has one. */
  readonly frames?: number;
  /** CPU seconds of each of its equal parts, where it is so long that what else the machine does is always in it. */
  readonly parts?: readonly number[];
  /** One line for each answer that is wrong; empty when all are right. */
  readonly problems: readonly string[];
}

export interface Bench {
  readonly name: string;
  /** Rounds that it takes part in, where it is too long for all. */
  readonly rounds?: number;
  /** Sets up outside the clock; what it returns is run once inside it. */
  readonly prepare: () => () => Outcome | Promise<Outcome>;
}

/** One run of a benchmark. */
export interface Sample {
  readonly outcome: Outcome;
  readonly wallSeconds: number;
  /** User and system time of the whole process, so the collector's, the compiler's and the workers' threads count too. */
  readonly cpuSeconds: number;
  /** Most that was resident while it ran. */
  readonly peakMegabytes: number;
}

/** A benchmark over all rounds. */
export interface Result extends Outcome {
  readonly name: string;
  readonly rounds: number;
  /** Of the round with the least CPU time: the others had more of the machine's other work in them. */
  readonly wallSeconds: number;
  readonly cpuSeconds: number;
  readonly medianCpuSeconds: number;
  readonly medianWallSeconds: number;
  readonly peakMegabytes: number;
}

export async function measure({ prepare }: Bench): Promise<Sample> {
  const run = prepare();
  forgetPeak();
  const cpu = process.cpuUsage();
  const wall = performance.now();
  const outcome = await run();
  const wallSeconds = (performance.now() - wall) / 1e3;
  const used = process.cpuUsage(cpu);
  return { outcome, wallSeconds, cpuSeconds: (used.user + used.system) / 1e6, peakMegabytes: peak() };
}

/** @throws RangeError without samples. */
export function summarise(name: string, samples: readonly Sample[]): Result {
  const best = samples.toSorted((a, b) => a.cpuSeconds - b.cpuSeconds)[0];
  if (best === undefined) throw new RangeError(`${name}: no round`);
  return {
    ...best.outcome,
    name,
    rounds: samples.length,
    wallSeconds: best.wallSeconds,
    cpuSeconds: best.cpuSeconds,
    medianCpuSeconds: median(samples.map(({ cpuSeconds }) => cpuSeconds)),
    medianWallSeconds: median(samples.map(({ wallSeconds }) => wallSeconds)),
    peakMegabytes: Math.max(...samples.map(({ peakMegabytes }) => peakMegabytes)),
    problems: [...new Set(samples.flatMap(({ outcome }) => outcome.problems))],
  };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? (sorted[middle] ?? NaN) : ((sorted[middle - 1] ?? NaN) + (sorted[middle] ?? NaN)) / 2;
}

/** Linux keeps the peak of a process and starts anew when asked; elsewhere what is resident afterwards has to do. */
function forgetPeak(): void {
  try {
    writeFileSync('/proc/self/clear_refs', '5');
  } catch {
    // Not Linux, or not allowed.
  }
}

function peak(): number {
  try {
    const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
    if (kilobytes !== undefined) return Number(kilobytes) / 1024;
  } catch {
    // Not Linux.
  }
  return process.memoryUsage.rss() / 2 ** 20;
}

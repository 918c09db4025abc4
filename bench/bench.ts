/** What a benchmark did in the part that is timed, and whether its answer is right. */
export interface Outcome {
  /** Occurrences that the engine dispatched. */
  readonly events: number;
  /** Simulated seconds, where the benchmark simulates a system. */
  readonly simulatedSeconds?: number;
  /** Frames in and out on the wire, where it has one. */
  readonly frames?: number;
  /** One line for each answer that is wrong; empty when all are right. */
  readonly problems: readonly string[];
}

export interface Bench {
  readonly name: string;
  /** Sets up outside the clock; what it returns is run once inside it. */
  readonly prepare: () => () => Outcome;
}

export interface Result extends Outcome {
  readonly name: string;
  readonly wallSeconds: number;
  /** User and system time of the whole process, so the collector's and the compiler's threads count too. */
  readonly cpuSeconds: number;
}

/** Runs a benchmark `repeats` times and keeps the run that took the least CPU time; a wrong answer of any run is kept too. */
export function measure({ name, prepare }: Bench, repeats: number): Result {
  let best: Result | undefined;
  const problems = new Set<string>();
  for (let i = 0; i < repeats; i++) {
    const run = prepare();
    const cpu = process.cpuUsage();
    const wall = performance.now();
    const outcome = run();
    const wallSeconds = (performance.now() - wall) / 1e3;
    const used = process.cpuUsage(cpu);
    const cpuSeconds = (used.user + used.system) / 1e6;
    for (const problem of outcome.problems) problems.add(problem);
    if (best === undefined || cpuSeconds < best.cpuSeconds) best = { ...outcome, name, wallSeconds, cpuSeconds };
  }
  if (best === undefined) throw new RangeError(`repeats: ${repeats} is less than 1`);
  return { ...best, problems: [...problems] };
}

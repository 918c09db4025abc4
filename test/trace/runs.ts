import type { OpenLoopSource } from '../../src/load/replay-source.ts';
import { defaultCosts } from '../../src/study/cost-tables.ts';
import { type RunResult, type Scenario, simulate } from '../../src/study/simulate.ts';
import { SYSTEMS, type System } from '../../src/study/system.ts';
import { Recorder, type RecordingFiles } from '../../src/trace/recorder.ts';
import type { TraceMetadata } from '../../src/trace/metadata.ts';
import { TraceReader } from '../../src/trace/reader.ts';
import { TraceReplay } from '../../src/trace/replay.ts';
import { ORIGIN } from './traces.ts';

export const COSTS = defaultCosts();

export function systemNamed(name: string): System {
  const system = SYSTEMS.find((candidate) => candidate.name === name);
  if (system === undefined) throw new Error(`no system ${name}`);
  return system;
}

export function scenario(change: Partial<Scenario> = {}): Scenario {
  return { system: systemNamed('sel4-pic'), loadMbps: 700, pacing: 'fq', duration: 0.15, warmup: 0, seed: 1, run: 0, ...change };
}

/** A run that is recorded while it is simulated; `source`: what drives it in the client's place. */
export function recorded(run: Scenario, files: RecordingFiles, source?: OpenLoopSource): { readonly result: RunResult; readonly traces: readonly TraceMetadata[] } {
  const recorder = new Recorder(files, { loop: ORIGIN.loop, producer: ORIGIN.producer, recorded: { command: 'a test', scenario: { duration: run.duration } } });
  try {
    const result = simulate(run, COSTS, { attach: (machine, end) => recorder.attach(machine, end), source });
    return { result, traces: recorder.finish() };
  } finally {
    recorder.abort();
  }
}

/** A run with a wire trace in the client's place. */
export function replayed(run: Scenario, file: string): RunResult {
  const source = new TraceReplay(new TraceReader(file));
  try {
    return simulate(run, COSTS, { source });
  } finally {
    source.close();
  }
}

/**
 * What a run is on the receiving side: everything but the number of events, of which the client has its own, and what is said of the loop. Accounts are
 * compared in ticks by the fingerprint.
 */
export function receiveSide(result: RunResult): unknown {
  return { ...result, events: 0, loop: '', warnings: [] };
}

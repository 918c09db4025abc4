import { type Cost, CostTable } from '../hw/cost.ts';
import { type RunResult, type Scenario, simulate } from '../study/simulate.ts';
import { Recorder, type RecordingFiles, type RunOrigin } from '../trace/recorder.ts';
import { TraceReader } from '../trace/reader.ts';
import { TraceReplay } from '../trace/replay.ts';

/** A run with its traces, as plain data for a worker thread. */
export interface TracedRun {
  readonly scenario: Scenario;
  readonly costs: readonly Cost[];
  readonly record: RecordingFiles;
  readonly origin: RunOrigin;
  /** The trace in the client's place, an Arrow file, and its flow. */
  readonly replay: { readonly file: string; readonly flow: number } | null;
}

/** Simulates a run, recorded or driven by a trace. What was recorded is there when this returns, and nothing of it when it throws. */
export default function tracedRun({ scenario, costs, record, origin, replay }: TracedRun): RunResult {
  const source = replay === null ? undefined : new TraceReplay(new TraceReader(replay.file, { kind: 'wire' }), { flow: replay.flow, recorded: record.wire !== undefined });
  try {
    const recorder = new Recorder(record, origin);
    try {
      const result = simulate(scenario, new CostTable(costs), { attach: (machine, end) => recorder.attach(machine, end), source });
      recorder.finish();
      return result;
    } finally {
      recorder.abort();
    }
  } finally {
    source?.close();
  }
}

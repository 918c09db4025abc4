import { HardwareRecorder } from '../../trace/hardware-recorder.ts';
import { MemorySink } from '../../trace/memory-sink.ts';
import { SIMULATED_CLOCK, type TraceOrigin } from '../../trace/metadata.ts';
import type { TraceSource } from '../../trace/source.ts';
import { type RunResult, simulate } from '../simulate.ts';
import { type Study, studyContent } from '../study.ts';
import type { Difference } from './difference.ts';
import { diffRuns } from './run-diff.ts';
import { diffTraces } from './trace-diff.ts';

/** A run to be compared, by the name the user gave it. */
export interface NamedStudy {
  readonly name: string;
  readonly study: Study;
}

/** Simulates both and compares accounts, counts, and what their hardware did from the start of the run on, event by event. */
export function diffSystems(a: NamedStudy, b: NamedStudy): Difference {
  const [runA, hardwareA] = watched(a);
  const [runB, hardwareB] = watched(b);
  const { firstDifference, firstOtherEvent } = diffTraces(hardwareA, hardwareB);
  const difference = diffRuns(a.name, runA, b.name, runB);
  return { ...difference, firstDifference: firstDifference ?? null, firstOtherEvent: firstOtherEvent ?? null, notes: [...difference.notes, 'events are those of the hardware, numbered from the start of the run; times in picoseconds'] };
}

function watched({ name, study }: NamedStudy): [RunResult, TraceSource] {
  const origin: TraceOrigin = { clock: SIMULATED_CLOCK, loop: 'closed', producer: { name: 'rumpsim', version: '' }, recorded: { command: 'diff', scenario: studyContent(study) } };
  const sink = new MemorySink(name, 'hardware', origin);
  let recorder: HardwareRecorder | null = null;
  const result = simulate(study.scenario, study.costs, {
    attach: (machine, end) => {
      recorder = new HardwareRecorder(sink, machine, end);
      machine.core.probe = recorder;
    },
  });
  (recorder as HardwareRecorder | null)?.finish();
  return [result, sink.complete().open()];
}

import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { resolve } from 'node:path';
import { Option } from 'commander';
import type { ScenarioDocument } from '../../study/scenario-file.ts';
import type { SimulateOptions } from '../../study/simulate.ts';
import { type Study, studyContent } from '../../study/study.ts';
import type { Recorder } from '../../trace/recorder.ts';
import type { TraceMetadata } from '../../trace/metadata.ts';
import type { TraceReplay } from '../../trace/replay.ts';
import { UserError } from '../failure.ts';
import { packageVersion } from '../package.ts';

/** What the command line says of traces. */
export interface TraceOptions {
  readonly record?: string | undefined;
  readonly recordHardware?: string | undefined;
  readonly replay?: string | undefined;
}

/** --record, --record-hardware and --replay. */
export function traceOptions(): Option[] {
  return [
    new Option('--record <file>', 'write the wire trace of the run: every frame at the NIC\'s port (Arrow file)'),
    new Option('--record-hardware <file>', 'write the hardware trace of the run: DMA, interrupts, timers, port and MMIO accesses (Arrow file)'),
    new Option('--replay <file>', 'open loop: drive the NIC from a recorded wire trace; what is not given is taken from the recorded run'),
  ];
}

/** @throws UserError when traces are asked of several runs at once, or two traces of one file. */
export function checkTraceOptions({ record, recordHardware, replay }: TraceOptions, reps: number): void {
  const option = replay === undefined ? (record === undefined ? '--record-hardware' : '--record') : '--replay';
  if ((record ?? recordHardware ?? replay) === undefined) return;
  if (reps !== 1) throw new UserError(option, `a trace is of one run, these are ${reps}`, 'leave --reps out');
  if (record !== undefined && recordHardware !== undefined && resolve(record) === resolve(recordHardware)) {
    throw new UserError('--record-hardware', `${recordHardware} is the file of --record, too`, 'give two files');
  }
}

/** A recording that has been begun: attach it to the run, then finish it; abort it when the run fails. */
export type Recording = Pick<Recorder, 'attach' | 'finish' | 'abort'>;

/**
 * Begins to record a run of `study` to `file` (wire) and `hardware`; null when neither is given. The files appear when the recording is finished.
 * @throws TraceError when a file cannot be made.
 */
export async function openRecorder(file: string | undefined, { hardware, study, loop }: { readonly hardware?: string | undefined; readonly study: Study; readonly loop: 'closed' | 'open' }): Promise<Recording | null> {
  if (file === undefined && hardware === undefined) return null;
  const trace = await import('../../trace/recorder.ts');
  return new trace.Recorder({ wire: file, hardware }, {
    loop,
    producer: { name: 'rumpsim', version: packageVersion() },
    recorded: { command: ['rumpsim', ...process.argv.slice(2)].join(' '), scenario: studyContent(study) },
  });
}

/** A trace that can take the client's place. */
export interface Replay {
  readonly source: TraceReplay;
  readonly metadata: TraceMetadata;
  /** The recorded run as a scenario file: what the command line leaves out comes from it. Null for a trace of something else. */
  readonly scenario: ScenarioDocument | null;
  /** For the manifest. */
  readonly traceHashes: Readonly<Record<string, string>>;
}

/** Opens a wire trace for replay. @throws TraceError when it is cut off, of another kind or clock, or no trace at all. */
export async function openReplay(file: string): Promise<Replay> {
  const trace = await import('../../trace/replay.ts');
  const source = new trace.TraceReplay(file);
  const { metadata } = source;
  const { scenario } = metadata.recorded;
  const { readScenario } = await import('../../study/scenario-file.ts');
  return {
    source, metadata,
    scenario: scenario === null ? null : readScenario(JSON.stringify(scenario, null, 2), `${file}: metadata.recorded.scenario`),
    traceHashes: { [file]: hashFile(file) },
  };
}

/**
 * Runs a simulation with its traces: `run` gets the options to simulate with. What was recorded is there when this returns, and nothing of it when it throws.
 */
export async function withTraces<T>(options: TraceOptions, study: Study, replay: Replay | null, run: (options: SimulateOptions) => T): Promise<T> {
  const recording = await openRecorder(options.record, { hardware: options.recordHardware, study, loop: replay === null ? 'closed' : 'open' });
  try {
    const result = run({ attach: recording === null ? undefined : (machine, end) => recording.attach(machine, end), source: replay?.source });
    recording?.finish();
    return result;
  } finally {
    recording?.abort();
    replay?.source.close();
  }
}

/** SHA-256 of a file, in memory that does not depend on its length. */
function hashFile(file: string): string {
  const hash = createHash('sha256');
  const descriptor = openSync(file, 'r');
  try {
    const buffer = Buffer.alloc(1 << 20);
    for (let got = readSync(descriptor, buffer); got > 0; got = readSync(descriptor, buffer)) hash.update(buffer.subarray(0, got));
  } finally {
    closeSync(descriptor);
  }
  return `sha256:${hash.digest('hex')}`;
}

import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { resolve } from 'node:path';
import { Option } from 'commander';
import { ticksToSeconds } from '../../events/time.ts';
import { readScenario, type ScenarioDocument } from '../../study/scenario-file.ts';
import type { RunResult } from '../../study/simulate.ts';
import { type Study, studyContent } from '../../study/study.ts';
import type { TraceKind } from '../../trace/format.ts';
import type { TraceMetadata } from '../../trace/metadata.ts';
import { partName } from '../../trace/part-name.ts';
import { STANDARD_STREAM } from '../../trace/standard-stream.ts';
import type { RecordingFiles } from '../../trace/recorder.ts';
import { UserError } from '../failure.ts';
import { commandLine, packageVersion } from '../package.ts';
import { inThread } from '../thread.ts';
import type { TracedRun } from '../traced-run.ts';

/** What the command line says of traces. */
export interface TraceOptions {
  readonly record?: string | undefined;
  readonly recordHardware?: string | undefined;
  readonly recordKernel?: string | undefined;
  readonly recordLedger?: string | undefined;
  readonly replay?: string | undefined;
  readonly flow?: number | undefined;
}

const RECORD_OPTIONS: Readonly<Record<TraceKind, { readonly key: keyof TraceOptions; readonly option: string; readonly holds: string }>> = {
  wire: { key: 'record', option: '--record', holds: 'every frame at the NIC\'s port' },
  hardware: { key: 'recordHardware', option: '--record-hardware', holds: 'DMA, interrupts, timers, port and MMIO accesses' },
  kernel: { key: 'recordKernel', option: '--record-kernel', holds: 'every entry of the seL4 kernel' },
  ledger: { key: 'recordLedger', option: '--record-ledger', holds: 'what the CPU spent its time on, slice by slice' },
};
const KINDS = ['wire', 'hardware', 'kernel', 'ledger'] as const satisfies readonly TraceKind[];

/** --record and its like, --replay and --flow. */
export function traceOptions(): Option[] {
  return [
    ...KINDS.map((kind) => new Option(`${RECORD_OPTIONS[kind].option} <file>`, `write the ${kind} trace of the run: ${RECORD_OPTIONS[kind].holds} (Arrow file)`)),
    new Option('--replay <file>', 'open loop: drive the NIC with the frames of a wire trace, or of a capture (pcap, ...), which is imported first; what is not given is taken from the recorded run'),
    new Option('--flow <n>', 'of a replayed trace, the connection whose data the server reads (default: the one with most inbound payload)').argParser(flowNumber),
  ];
}

function flowNumber(text: string): number {
  const flow = Number(text);
  if (text.trim() === '' || !Number.isSafeInteger(flow) || flow < 0) throw new UserError(`--flow ${text}`, `'${text}' is not the number of a flow`, 'give a whole number from 0 on (`rumpsim trace info` lists the flows)');
  return flow;
}

/** The files to record to. */
export function recordingFiles(options: TraceOptions): RecordingFiles {
  return { wire: options.record, hardware: options.recordHardware, kernel: options.recordKernel, ledger: options.recordLedger };
}

function recorded(options: TraceOptions): { readonly option: string; readonly file: string }[] {
  const files = recordingFiles(options);
  return KINDS.flatMap((kind) => {
    const file = files[kind];
    return file === undefined ? [] : [{ option: RECORD_OPTIONS[kind].option, file }];
  });
}

/** Whether a run is recorded or replayed. */
export function traced(options: TraceOptions): boolean {
  return options.replay !== undefined || recorded(options).length > 0;
}

/** @throws UserError when traces are asked of several runs at once, or two traces of one file, or a flow of no trace. */
export function checkTraceOptions(options: TraceOptions, reps: number): void {
  const files = recorded(options);
  if (options.flow !== undefined && options.replay === undefined) throw new UserError('--flow', 'without --replay there is no flow', 'add --replay');
  const option = options.replay === undefined ? files[0]?.option : '--replay';
  if (option !== undefined && reps !== 1) throw new UserError(option, `a trace is of one run, these are ${reps}`, 'leave --reps out');
  files.forEach(({ file, option: second }, index) => {
    if (options.replay !== undefined && resolve(options.replay) === resolve(file)) throw new UserError(second, `${file} is the file of --replay, too`, 'give two files');
    const first = files.slice(0, index).find((other) => resolve(other.file) === resolve(file));
    if (first !== undefined) throw new UserError(second, `${file} is the file of ${first.option}, too`, 'give two files');
  });
}

/** A trace that can take the client's place. */
export interface Replay {
  /** The trace as an Arrow file, and its flow. */
  readonly arrow: string;
  readonly flow: number;
  readonly metadata: TraceMetadata;
  /** The recorded run as a scenario file: what the command line leaves out comes from it. A trace of something else says only how long it is. */
  readonly scenario: ScenarioDocument;
  /** For the manifest. */
  readonly traceHashes: Readonly<Record<string, string>>;
}

/** Opens a wire trace, or imports a capture, for replay. @throws TraceError when it is cut off, of another kind, or nothing that can be read. */
export async function openReplay(file: string, flow?: number): Promise<Replay> {
  const [{ openTrace }, { inboundFlows }, { replayedSpan }] = await Promise.all([import('../open-trace.ts'), import('../../trace/flows.ts'), import('../../trace/replay.ts')]);
  const trace = await openTrace(file, { kind: 'wire' });
  const { metadata } = trace.source;
  const { scenario } = metadata.recorded;
  const flows = scenario === null || flow !== undefined ? inboundFlows(trace.source) : [];
  trace.source.close();
  if (scenario === null && flows.length === 0) throw new UserError(file, 'no frame came in while it was recorded', 'name the recorded machine with `rumpsim trace convert --local ADDRESS`');
  if (flow !== undefined && !flows.some((known) => known.flow === flow)) throw new UserError(`--flow ${flow}`, `no frame of flow ${flow} came in`, `give one of ${flows.map((known) => known.flow).join(', ')}`);
  const content = scenario ?? { duration: Math.max(0.001, Math.floor(ticksToSeconds(replayedSpan(metadata)) * 1e6) / 1e6) };
  return {
    arrow: trace.arrow, flow: flow ?? flows[0]?.flow ?? 0, metadata,
    scenario: readScenario(JSON.stringify(content, null, 2), `${file}: metadata.recorded.scenario`),
    traceHashes: file === STANDARD_STREAM ? {} : { [file]: hashFile(file) },
  };
}

/**
 * Runs a simulation with its traces, in a thread of its own so that Ctrl-C is heard. What was recorded is there when this returns, and nothing of it when it throws.
 * @throws UserError when a kernel trace is wanted of a system without the seL4 kernel.
 */
export async function runTraced(options: TraceOptions, study: Study, replay: Replay | null): Promise<RunResult> {
  const { scenario, costs } = study;
  if (options.recordKernel !== undefined && scenario.system.kernel !== 'sel4') throw new UserError('--record-kernel', `${scenario.system.name} does not run the seL4 kernel`, 'leave it out; --record-ledger shows any system');
  const task: TracedRun = {
    scenario, costs: costs.rows(), record: recordingFiles(options),
    origin: {
      loop: replay === null ? 'closed' : 'open',
      producer: { name: 'rumpsim', version: packageVersion() },
      recorded: { command: commandLine(), scenario: studyContent(study) },
    },
    replay: replay === null ? null : { file: replay.arrow, flow: replay.flow },
  };
  return inThread<RunResult>('cli/traced-run', task, recorded(options).map(({ file }) => partName(file)));
}

/** SHA-256 of a file, in memory that does not depend on its length. */
export function hashFile(file: string): string {
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

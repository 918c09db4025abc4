import type { Tick } from '../events/time.ts';
import type { SliceWatcher } from '../hw/probe.ts';
import type { TraceKind } from './format.ts';
import { HardwareRecorder, type Recordable } from './hardware-recorder.ts';
import { KernelRecorder } from './kernel-recorder.ts';
import { LedgerRecorder } from './ledger-recorder.ts';
import { SIMULATED_CLOCK, type TraceMetadata, type TraceOrigin } from './metadata.ts';
import type { TraceSummary } from './sink.ts';
import { WireRecorder } from './wire-recorder.ts';
import { TraceWriter } from './writer.ts';

/** Files to record a run to, by the kind of trace; a kind that is left out is not recorded. */
export type RecordingFiles = Readonly<Partial<Record<TraceKind, string | undefined>>>;

/** What a recording says of its run. */
export type RunOrigin = Pick<TraceOrigin, 'loop' | 'producer' | 'recorded'>;

/** The flows of a simulated run's wire trace. */
const FLOWS = [{ flow: 0, meaning: 'iperf client to server, one TCP connection' }];

/** One trace of a recording: `watch` hangs its recorder on the machine and returns what ends it. */
interface Recorded {
  readonly writer: TraceWriter;
  readonly watch: (machine: Recordable, end: Tick) => () => TraceSummary;
  finish: () => TraceSummary;
}

/** Records a run of the simulator. The files appear when the run is over and everything is written, all of them or none. */
export class Recorder {
  private readonly traces: Recorded[] = [];
  private attached = false;

  /** @throws TraceError when a file cannot be made. */
  constructor(files: RecordingFiles, run: RunOrigin) {
    try {
      this.open(files.wire, 'wire', run, (writer) => (machine, end) => {
        const recorder = new WireRecorder(writer, end);
        machine.nic.tap = recorder;
        return () => ({ frames: recorder.finish() });
      });
      this.open(files.hardware, 'hardware', run, (writer) => (machine, end) => {
        const recorder = new HardwareRecorder(writer, machine, end);
        machine.core.probe = recorder;
        return () => {
          recorder.finish();
          return {};
        };
      });
      const watchers: SliceWatcher[] = [];
      const watch = (machine: Recordable, watcher: SliceWatcher): void => {
        watchers.push(watcher);
        machine.core.watch(watchers.length === 1 ? watcher : {
          slice: (context, path, from, ticks, done) => {
            for (const each of watchers) each.slice(context, path, from, ticks, done);
          },
        });
      };
      this.open(files.kernel, 'kernel', run, (writer) => (machine, end) => {
        watch(machine, new KernelRecorder(writer, machine.core, end));
        return () => ({});
      });
      this.open(files.ledger, 'ledger', run, (writer) => (machine, end) => {
        const recorder = new LedgerRecorder(writer, machine.core, end);
        watch(machine, recorder);
        return () => {
          recorder.finish();
          return {};
        };
      });
    } catch (error) {
      this.abort();
      throw error;
    }
  }

  /** Watches a machine from now until `end`, the tick at which its run ends. Once. @throws RangeError when a kernel trace is wanted of another kernel than seL4. */
  attach(machine: Recordable, end: Tick): void {
    if (this.attached) throw new Error('a recorder records one run');
    this.attached = true;
    for (const trace of this.traces) trace.finish = trace.watch(machine, end);
  }

  /** Writes what is left and gives the files their names. @throws TraceError when that fails: then no file is left. */
  finish(): readonly TraceMetadata[] {
    try {
      const metadata = this.traces.map(({ writer, finish }) => writer.complete(finish()));
      for (const { writer } of this.traces) writer.publish();
      return metadata;
    } catch (error) {
      this.abort();
      throw error;
    }
  }

  /** Drops what has been recorded, unless it is finished. */
  abort(): void {
    for (const { writer } of this.traces) writer.abort();
  }

  private open(file: string | undefined, kind: TraceKind, run: RunOrigin, recorder: (writer: TraceWriter) => Recorded['watch']): void {
    if (file === undefined) return;
    const writer = new TraceWriter(file, kind, { clock: SIMULATED_CLOCK, ...run, ...(kind === 'wire' ? { flows: FLOWS } : {}) });
    this.traces.push({ writer, watch: recorder(writer), finish: () => (kind === 'wire' ? { frames: { in: 0, out: 0 } } : {}) });
  }
}

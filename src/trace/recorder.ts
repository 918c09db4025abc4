import type { Tick } from '../events/time.ts';
import { HardwareRecorder, type Recordable } from './hardware-recorder.ts';
import { SIMULATED_CLOCK, type TraceMetadata, type TraceOrigin } from './metadata.ts';
import { WireRecorder } from './wire-recorder.ts';
import { TraceWriter } from './writer.ts';

/** Files to record a run to; a kind that is left out is not recorded. */
export interface RecordingFiles {
  readonly wire?: string | undefined;
  readonly hardware?: string | undefined;
}

/** What a recording says of its run. */
export type RunOrigin = Pick<TraceOrigin, 'loop' | 'producer' | 'recorded'>;

/** Records a run of the simulator. The files appear when the run is over and everything is written, all of them or none. */
export class Recorder {
  private readonly wireWriter: TraceWriter | null;
  private readonly hardwareWriter: TraceWriter | null;
  private wire: WireRecorder | null = null;
  private hardware: HardwareRecorder | null = null;

  /** @throws TraceError when a file cannot be made. */
  constructor(files: RecordingFiles, run: RunOrigin) {
    const origin: TraceOrigin = { clock: SIMULATED_CLOCK, ...run };
    this.wireWriter = files.wire === undefined ? null : new TraceWriter(files.wire, 'wire', { ...origin, flows: [{ flow: 0, meaning: 'iperf client to server, one TCP connection' }] });
    try {
      this.hardwareWriter = files.hardware === undefined ? null : new TraceWriter(files.hardware, 'hardware', origin);
    } catch (error) {
      this.wireWriter?.abort();
      throw error;
    }
  }

  /** Watches a machine from now until `end`, the tick at which its run ends. Once. */
  attach(machine: Recordable, end: Tick): void {
    if (this.wire !== null || this.hardware !== null) throw new Error('a recorder records one run');
    if (this.wireWriter !== null) {
      this.wire = new WireRecorder(this.wireWriter, end);
      machine.nic.tap = this.wire;
    }
    if (this.hardwareWriter !== null) {
      this.hardware = new HardwareRecorder(this.hardwareWriter, machine, end);
      machine.core.probe = this.hardware;
    }
  }

  /** Writes what is left and gives the files their names. @throws TraceError when that fails: then no file is left. */
  finish(): readonly TraceMetadata[] {
    const metadata: TraceMetadata[] = [];
    const { wireWriter, hardwareWriter } = this;
    try {
      if (wireWriter !== null) metadata.push(wireWriter.complete(this.wire?.finish()));
      this.hardware?.finish();
      if (hardwareWriter !== null) metadata.push(hardwareWriter.complete());
      wireWriter?.publish();
      hardwareWriter?.publish();
    } catch (error) {
      this.abort();
      throw error;
    }
    return metadata;
  }

  /** Drops what has been recorded, unless it is finished. */
  abort(): void {
    this.wireWriter?.abort();
    this.hardwareWriter?.abort();
  }
}

import { ProbeEvent } from '../../hw/probe.ts';
import type { TraceBatch, TraceSource } from '../source.ts';
import { InterruptFlows } from './interrupt-flows.ts';
import { NameCodes } from './name-codes.ts';
import type { OpenSlice } from './open-slices.ts';
import { Annotation, FlowStep, type FlowStepCode } from './timeline-sink.ts';
import type { TimelineContext, TimelineView } from './timeline-view.ts';
import { WindowMeter } from './window-meter.ts';

const LOCAL_APIC = 'lapic';

/** A device's tracks. */
interface Device {
  readonly name: string;
  readonly track: number;
  /** Its armed timers by channel; the track comes with the first. */
  readonly timers: Map<number, OpenSlice>;
  timerTrack: number;
}

/** Devices: a track each with an instant an event; timers from arming to expiry as slices; flows from an interrupt's request to its end. */
export class HardwareView implements TimelineView {
  private readonly context: TimelineContext;
  private readonly names: readonly string[];
  private readonly kinds: NameCodes;
  private readonly group: number;
  private readonly address: number;
  private readonly value: number;
  private readonly armed: number;
  private readonly outstanding: number;
  private readonly frames: WindowMeter;
  private readonly flows = new InterruptFlows();
  private readonly devices: Device[] = [];
  private shown = 0;
  private kind: Int32Array = new Int32Array(0);
  private device: Int32Array = new Int32Array(0);
  private addresses: Float64Array = new Float64Array(0);
  private values: Float64Array = new Float64Array(0);

  constructor(context: TimelineContext, source: TraceSource, suffix: string, meaning: string) {
    const { sink, next } = context;
    this.context = context;
    this.names = source.names('device');
    this.kinds = new NameCodes(source, 'kind', sink);
    this.group = next();
    sink.group(this.group, `devices${suffix}`, meaning, false);
    this.address = sink.name('address');
    this.value = sink.name('value');
    this.armed = sink.name('armed');
    this.outstanding = next();
    sink.counter(this.outstanding, this.group, 'interrupts outstanding', '');
    const frames = next();
    sink.counter(frames, this.group, 'frames received per ms', 'frames');
    this.frames = new WindowMeter(sink, frames, context.millisecond, 0);
  }

  load(batch: TraceBatch): void {
    this.kind = batch.codes('kind');
    this.device = batch.codes('device');
    this.addresses = batch.integers('address');
    this.values = batch.integers('value');
  }

  row(row: number, t: number): void {
    const { flows, context: { sink, slices, delivered } } = this;
    const kind = this.kind[row]!; // the columns have this row, here and below
    const address = this.addresses[row]!;
    const value = this.values[row]!;
    const device = this.deviceOf(this.device[row]!);
    let flow = 0;
    let step: FlowStepCode = FlowStep.through;
    slices.advance(t);
    switch (kind) {
      case ProbeEvent.dmaWrite:
        this.frames.add(t, 1);
        break;
      case ProbeEvent.irqRaise:
        flow = flows.raise(device.name, address);
        break;
      case ProbeEvent.irqLower:
        flow = flows.lower(device.name);
        step = FlowStep.last;
        break;
      case ProbeEvent.msi:
        flow = flows.message(value);
        break;
      case ProbeEvent.irqDeliver:
        flow = flows.deliver(device.name, value);
        delivered.ledger = flow;
        delivered.kernel = flow;
        break;
      case ProbeEvent.eoi:
        flow = flows.end(device.name, value);
        step = FlowStep.last;
        // A handler that begins only now is not drawn to: the flow is over.
        if (delivered.ledger === flow) delivered.ledger = 0;
        if (delivered.kernel === flow) delivered.kernel = 0;
        break;
      case ProbeEvent.timerProgram:
        this.arm(device, address, t, value);
        break;
      case ProbeEvent.timerExpire:
        // The local APIC's own timer asks for its interrupt by expiring.
        if (device.name === LOCAL_APIC) flow = flows.raise(LOCAL_APIC, address);
        break;
      default:
    }
    sink.annotate(Annotation.address, this.address, address);
    sink.annotate(Annotation.count, this.value, value);
    sink.instant(device.track, t, this.kinds.of(kind), flow, step);
    if (flows.outstanding !== this.shown) {
      this.shown = flows.outstanding;
      sink.count(this.outstanding, t, this.shown);
    }
  }

  finish(): void {
    this.frames.finish();
  }

  /** A slice from here to the expiry, or until the timer is armed anew. */
  private arm(device: Device, channel: number, t: number, delay: number): void {
    const { sink, slices, next } = this.context;
    if (device.timerTrack === 0) {
      device.timerTrack = next();
      sink.track(device.timerTrack, this.group, `${device.name} timer`);
    }
    let timer = device.timers.get(channel);
    if (timer === undefined) {
      timer = slices.add();
      device.timers.set(channel, timer);
    }
    slices.cut(timer, t);
    sink.annotate(Annotation.address, this.address, channel);
    sink.begin(device.timerTrack, t, this.armed, 0);
    slices.open(timer, device.timerTrack, 1, t + delay);
  }

  private deviceOf(code: number): Device {
    const known = this.devices[code];
    if (known !== undefined) return known;
    const { sink, next } = this.context;
    const device: Device = { name: this.names[code] ?? `device ${code}`, track: next(), timers: new Map(), timerTrack: 0 };
    sink.track(device.track, this.group, device.name);
    this.devices[code] = device;
    return device;
  }
}

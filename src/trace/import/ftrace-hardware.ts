import { ProbeEvent } from '../../hw/probe.ts';
import type { TraceSink } from '../sink.ts';
import { ascii, type Cursor } from './bytes.ts';
import type { FtraceLine } from './ftrace-line.ts';
import type { FtraceRows } from './ftrace-rows.ts';
import { PcRows } from './pc-rows.ts';

const IRQ = ascii('irq=');
const NAME = ascii('name=');
const VECTOR = ascii('vector=');
const ENTRY = '_entry';
/** Devices are as many as a machine has interrupts. */
const MOST_DEVICES = 4096;

/**
 * Makes hardware rows of what the text says of devices, which is little: `irq-deliver` of irq_handler_entry (device: name of the action; value: Linux's interrupt number) and of the
 * irq_vectors events (device lapic; value: vector), `timer-expire` of hrtimer_expire_entry and timer_expire_entry, `timer-program` of hrtimer_start and timer_start (devices hrtimer and
 * timer; no address, and 0 as the time to expiry: the text gives expiry on another clock).
 */
export class FtraceHardware implements FtraceRows {
  static readonly notes = 'Interrupts when their handlers begin, by the name of the action and Linux\'s number of it; kernel timers.';
  private readonly rows: PcRows;
  private readonly devices = new Map<string, ReturnType<PcRows['region']>>();

  constructor(sink: TraceSink) {
    this.rows = new PcRows(sink);
  }

  event(t: number, name: string, _line: FtraceLine, args: Cursor): void {
    const { rows } = this;
    switch (name) {
      case 'irq_handler_entry': {
        if (!args.skip(IRQ)) return;
        const irq = args.decimal();
        if (irq >= 0 && args.skipPast(NAME)) rows.row(t, ProbeEvent.irqDeliver, this.device(args.text(args.at, Math.min(args.end, args.at + 64))), 0, irq);
        return;
      }
      case 'hrtimer_expire_entry':
      case 'timer_expire_entry':
        rows.row(t, ProbeEvent.timerExpire, this.device(name.slice(0, name.indexOf('_'))), 0, 0);
        return;
      case 'hrtimer_start':
      case 'timer_start':
        rows.row(t, ProbeEvent.timerProgram, this.device(name.slice(0, name.indexOf('_'))), 0, 0);
        return;
      default: {
        if (!name.endsWith(ENTRY) || !args.skip(VECTOR)) return;
        const vector = args.decimal();
        if (vector >= 0 && vector < 256) rows.row(t, ProbeEvent.irqDeliver, rows.lapic, 0, vector);
      }
    }
  }

  lost(): void {
    // A gap takes no rows back.
  }

  end(): void {
    // Every row is written at once.
  }

  private device(name: string): ReturnType<PcRows['region']> {
    let device = this.devices.get(name);
    if (device === undefined) {
      device = this.devices.size < MOST_DEVICES ? this.rows.region(name) : this.rows.region('other');
      if (this.devices.size < MOST_DEVICES) this.devices.set(name, device);
    }
    return device;
  }
}

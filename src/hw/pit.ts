import { Event } from '../events/event.ts';
import { Priority } from '../events/priority.ts';
import type { Simulator } from '../events/simulator.ts';
import { SECOND, type Tick } from '../events/time.ts';
import type { Core } from './core.ts';
import type { PortDevice } from './port-io.ts';
import { ProbeEvent } from './probe.ts';

export const PIT_CHANNEL0 = 0x40;
export const PIT_COMMAND = 0x43;
/** Input clock, Hz: the 14.31818 MHz crystal divided by 12. */
export const PIT_HZ = 1193182;

/** Ticks of one PIT count, not rounded: counts are multiplied first. */
const COUNT_TICKS = SECOND / PIT_HZ;

/**
 * Channel 0 of the 8254, as a one-shot: the low and the high byte of the count are written in turn, the second one starts it; at zero the output
 * rises (an edge at PIC input 0). Writing the command register selects the mode and expects a low byte next.
 */
export class Pit implements PortDevice {
  readonly name = 'pit';
  readonly ports = [PIT_CHANNEL0, PIT_COMMAND];
  private readonly core: Core;
  private readonly simulator: Simulator;
  private readonly expiry: Event;
  private readonly emulated: boolean;
  private low = -1;

  /**
   * `setLine` drives the interrupt input the channel is wired to. `emulated`: as QEMU's model (hw/timer/i8254.c), in which the channel counts on after a command until a new count is complete.
   */
  constructor(core: Core, simulator: Simulator, setLine: (high: boolean) => void, emulated = false) {
    this.emulated = emulated;
    this.core = core;
    this.simulator = simulator;
    this.expiry = new Event('pit/expiry', Priority.timer, () => {
      core.probe?.event(ProbeEvent.timerExpire, this.name, PIT_CHANNEL0, 0);
      setLine(true);
      setLine(false);
    });
  }

  readPort(): number {
    return 0;
  }

  writePort(port: number, value: number): void {
    if (port === PIT_COMMAND) {
      this.low = -1;
      if (!this.emulated) this.simulator.deschedule(this.expiry);
    } else if (this.low < 0) {
      this.low = value;
    } else {
      const count = (value << 8) | this.low;
      this.low = -1;
      const delay = Math.round((count === 0 ? 65536 : count) * COUNT_TICKS);
      this.core.probe?.event(ProbeEvent.timerProgram, this.name, PIT_CHANNEL0, delay);
      this.simulator.reschedule(this.expiry, this.core.now + delay);
    }
  }
}

/** Counts for a delay, at least 1. @returns more than 65535 when the channel cannot hold it. */
export function pitCounts(delay: Tick): number {
  return Math.max(1, Math.floor(delay / COUNT_TICKS));
}

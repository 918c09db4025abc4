import type { Tick } from '../../events/time.ts';
import type { InterruptRoute } from '../../hw/interrupt-route.ts';
import type { Sequence } from '../../hw/sequence.ts';
import type { Call } from './entry-kind.ts';
import type { SignalPaths } from './paths.ts';
import type { Notification } from './thread.ts';

/** A delivery that finds the notification in a certain state: its body, and all of it from the entry on, masking and end of interrupt included. */
export interface Delivery {
  readonly body: number;
  readonly whole: Sequence;
  /** Time between the hooks of the entry log: all but the entry stub. */
  readonly inside: Tick;
}

/** What a kernel executes for an interrupt source. */
export interface InterruptExecution {
  readonly deliveries: SignalPaths<Delivery>;
  readonly acknowledgement: Call;
}

/** An interrupt source bound to a notification. `number` is what the controller reports: a PIC input or an APIC vector. */
export class IrqHandler {
  readonly number: number;
  readonly route: InterruptRoute;
  readonly notification: Notification;
  readonly counter: number;
  private executionOrNull: InterruptExecution | null = null;

  constructor(number: number, route: InterruptRoute, notification: Notification, counter: number) {
    this.number = number;
    this.route = route;
    this.notification = notification;
    this.counter = counter;
  }

  /** A kernel takes it. */
  addTo(execution: InterruptExecution): void {
    this.executionOrNull = execution;
  }

  /** @throws when it has not been added to a kernel. */
  get execution(): InterruptExecution {
    if (this.executionOrNull === null) throw new Error('the interrupt has no kernel yet');
    return this.executionOrNull;
  }
}

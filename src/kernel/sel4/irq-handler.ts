import type { InterruptRoute } from '../../hw/interrupt-route.ts';
import type { Call } from './entry-kind.ts';
import type { InterruptPaths } from './paths.ts';
import type { Notification } from './thread.ts';

/** An interrupt source bound to a notification. `number` is what the controller reports: a PIC input or an APIC vector. */
export class IrqHandler {
  readonly number: number;
  readonly route: InterruptRoute;
  readonly notification: Notification;
  readonly counter: number;
  private pathsOrNull: InterruptPaths | null = null;
  private acknowledgementOrNull: Call | null = null;

  constructor(number: number, route: InterruptRoute, notification: Notification, counter: number) {
    this.number = number;
    this.route = route;
    this.notification = notification;
    this.counter = counter;
  }

  /** A kernel takes it; what that executes to deliver and to acknowledge it. */
  addTo(paths: InterruptPaths, acknowledgement: Call): void {
    this.pathsOrNull = paths;
    this.acknowledgementOrNull = acknowledgement;
  }

  /** @throws when it has not been added to a kernel. */
  get acknowledgement(): Call {
    if (this.acknowledgementOrNull === null) throw new Error('the interrupt has no kernel yet');
    return this.acknowledgementOrNull;
  }

  /** @throws when it has not been added to a kernel. */
  get paths(): InterruptPaths {
    if (this.pathsOrNull === null) throw new Error('the interrupt has no kernel yet');
    return this.pathsOrNull;
  }
}

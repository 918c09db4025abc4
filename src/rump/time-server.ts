import { operation } from '../anykernel/operation.ts';
import { NEVER, type Tick, US } from '../events/time.ts';
import { ZERO } from '../events/zero.ts';
import type { Core } from '../hw/core.ts';
import type { IrqHandler } from '../kernel/sel4/irq-handler.ts';
import { Endpoint, type RpcKernel } from '../kernel/sel4/rpc-kernel.ts';
import { Notification, type Program } from '../kernel/sel4/thread.ts';
import type { RootTimer } from './root-timer.ts';

/** A timeout less than this before the one that is set is not set (util_libs c8f9ea7c local_time_manager.c, register_cb). */
const HYSTERESIS: Tick = US;

/**
 * The root task of the 2023 platform: one timeout for the rump kernel, asked for by a call whenever that goes idle, kept in a time manager over one hardware timer
 * (local_time_manager.c): the timer is set when a timeout comes earlier than the one that is set; when it fires and nothing is due, it is set again.
 * Its clock need not run at the rate of the rump kernel's: times here are in ticks of its own clock.
 */
export class TimeServer implements Program {
  readonly endpoint = new Endpoint(new Notification('timer'));
  /** Signalled when the timeout has passed. */
  private readonly target: Notification;
  private readonly core: Core;
  private readonly kernel: RpcKernel;
  private readonly timer: RootTimer;
  private readonly rate: number;
  private readonly afterSignal: number;
  private handlerOrNull: IrqHandler | null = null;
  private state: 'start' | 'waiting' = 'start';
  /** The registered timeout and the one that the timer was set for. */
  private timeout: Tick = NEVER;
  private current: Tick = NEVER;
  /** Of the request under way. */
  private delay: Tick = ZERO;

  /** `rate`: ticks of real time in one tick of its clock. */
  constructor(core: Core, kernel: RpcKernel, timer: RootTimer, rate: number, target: Notification) {
    this.core = core;
    this.kernel = kernel;
    this.timer = timer;
    this.rate = rate;
    this.target = target;
    this.afterSignal = operation(core.paths, 'root.irq.end');
    kernel.bind(this.endpoint);
  }

  start(handler: IrqHandler): void {
    this.handlerOrNull = handler;
  }

  /** The message of a call: a timeout `delay` from when the server reads its clock. */
  request(delay: Tick): void {
    this.delay = delay;
    this.kernel.call(this.endpoint);
  }

  resume(): void {
    const { kernel, endpoint } = this;
    let signalled = this.state === 'start' ? kernel.recv(endpoint) : endpoint.caller === null;
    if (this.state === 'start' && !signalled) {
      this.state = 'waiting';
      return;
    }
    this.state = 'waiting';
    do {
      if (signalled) {
        this.interrupt();
        signalled = kernel.recv(endpoint);
      } else {
        this.register();
        signalled = kernel.replyRecv(endpoint);
      }
    } while (signalled);
  }

  private register(): void {
    const { core, timer } = this;
    const { request } = timer;
    core.run(request.begin);
    const now = this.clock();
    this.timeout = now + this.delay;
    timer.read();
    // One that has passed and not been reported yet is replaced, too.
    if (this.timeout + HYSTERESIS >= this.current && this.current >= now) {
      core.run(request.end);
      return;
    }
    core.run(request.set);
    this.current = this.timeout;
    timer.set(this.timeout - this.clock());
    core.run(request.setEnd);
  }

  private interrupt(): void {
    const { core, kernel, timer } = this;
    const { interrupt } = timer;
    if (this.handlerOrNull === null) throw new Error('the time server has not been started');
    core.run(interrupt.begin);
    kernel.acknowledge(this.handlerOrNull);
    core.run(interrupt.read);
    const now = this.clock();
    timer.read();
    if (this.timeout <= now) {
      core.run(interrupt.due);
      this.timeout = NEVER;
      this.current = NEVER;
      kernel.signal(this.target);
      core.run(this.afterSignal);
      return;
    }
    if (this.timeout === NEVER) {
      core.run(this.afterSignal);
      return;
    }
    core.run(interrupt.set);
    this.current = this.timeout;
    timer.set(this.timeout - this.clock());
    if (timer.again !== null) {
      core.run(timer.again);
      timer.set(this.timeout - this.clock());
    }
    core.run(interrupt.setEnd);
  }

  private clock(): Tick {
    return this.core.now / this.rate;
  }
}

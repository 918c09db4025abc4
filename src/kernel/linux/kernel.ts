import { Event } from '../../events/event.ts';
import { Priority } from '../../events/priority.ts';
import type { Simulator } from '../../events/simulator.ts';
import { MS, type Tick } from '../../events/time.ts';
import { young } from '../../events/young.ts';
import type { Core } from '../../hw/core.ts';
import type { Counters } from '../../hw/counters.ts';
import type { InterruptRoute } from '../../hw/interrupt-route.ts';
import type { LocalApic } from '../../hw/local-apic.ts';
import type { E1000e } from './e1000e.ts';
import { interruptSequences, type InterruptSequences, type KernelContexts, kernelContexts, type KernelCounters, kernelCounters, type KernelPaths, kernelPaths, switchSequences, type SwitchSequences } from './kernel-paths.ts';
import type { Process } from './process.ts';
import type { MenuGovernor, SleepState } from './sleep-states.ts';
import type { LinuxTcp } from './tcp.ts';

/** HZ = 250 (Debian). */
export const JIFFY: Tick = 4 * MS;
/** net_rx_action: frames handled in one softirq (netdev_budget), and how often __do_softirq starts over. */
const BUDGET = 300;
const RESTARTS = 10;

export interface LinuxVectors {
  readonly receive: number;
  readonly transmit: number;
  readonly timer: number;
}

/**
 * A uniprocessor Linux 4.9: interrupts on the running context, the NET_RX softirq on the way out of them or in ksoftirqd, one process, a tick that stops in idle, C-states. The base loop is
 * the scheduler; interrupts and softirqs run nested in whatever instruction stream they hit.
 */
export class LinuxKernel {
  readonly core: Core;
  /** Jiffies counted as idle: those whose boundary fell while the tick was stopped (tick_nohz_account_idle_ticks). */
  idleJiffies = 0;
  /** The process is in user mode (an interrupt costs more). */
  userMode = false;
  private readonly counters: Counters;
  private readonly apic: LocalApic;
  private readonly route: InterruptRoute;
  private readonly vectors: LinuxVectors;
  private readonly driver: E1000e;
  private readonly governor: MenuGovernor;
  private readonly tick: Event;
  private readonly contexts: KernelContexts;
  private readonly paths: KernelPaths;
  private readonly counts: KernelCounters;
  private readonly interrupts: InterruptSequences;
  private switching: SwitchSequences | null = null;
  private tcp: LinuxTcp | null = null;
  private process: Process | null = null;
  /** A process that has never run is ready. */
  private state: 'ready' | 'running' | 'asleep' = 'ready';
  private tickStopped = false;
  /** NET_RX is pending: NAPI is scheduled. */
  private pollPending = false;
  private inSoftirq = false;
  private ksoftirqdReady = false;
  /** Idle (not the process) is current, so a wake-up asks for the scheduler at once. */
  private idleCurrent = false;
  private flushed = false;
  /** The beginning of what runs next, idle or the process, has been run together with the end of what ran before. */
  private begun = false;

  constructor(core: Core, simulator: Simulator, counters: Counters, apic: LocalApic, route: InterruptRoute, vectors: LinuxVectors, driver: E1000e, governor: MenuGovernor, firstJiffy: Tick) {
    this.core = core;
    this.counters = counters;
    this.apic = apic;
    this.route = route;
    this.vectors = vectors;
    this.driver = driver;
    this.governor = governor;
    this.contexts = kernelContexts(core);
    this.paths = kernelPaths(core);
    this.counts = kernelCounters(counters, governor.states);
    this.interrupts = interruptSequences(core, counters, this.contexts, this.paths, this.counts, route, driver);
    this.tick = new Event('linux/tick', Priority.timer, (now) => {
      simulator.schedule(this.tick, now + JIFFY);
      if (!this.tickStopped) this.apic.accept(this.vectors.timer);
      else {
        this.idleJiffies++;
        // The next timer bounds the sleep; the only one there is sends the delayed ACK.
        if (this.tcp !== null && this.tcp.delayedAckDue <= now) this.apic.accept(this.vectors.timer);
      }
    });
    simulator.schedule(this.tick, firstJiffy);
    core.onInterrupt = young(() => this.interrupt());
  }

  /** Wires the upper half; once, before `run`. */
  attach(tcp: LinuxTcp, process: Process): void {
    this.tcp = tcp;
    this.process = process;
    this.switching = switchSequences(this.core, this.counters, this.contexts, this.paths, this.counts, process);
  }

  /** try_to_wake_up for the process; one that has not got to sleep yet looks again by itself. */
  wakeProcess(): void {
    if (this.state !== 'asleep') return;
    this.state = 'ready';
    this.core.run(this.paths.wakeup);
  }

  /** A preemption point of the process: ksoftirqd, once woken, runs here at the latest. */
  reschedule(): void {
    if (!this.ksoftirqdReady) return;
    const { context } = this.core;
    this.runKsoftirqd();
    this.core.context = context;
    this.core.run(this.paths.switchTo);
  }

  /** Runs processes until the core is stopped. */
  run(): void {
    const { core } = this;
    core.context = this.contexts.idle;
    core.enableInterrupts();
    while (!core.stopped) {
      if (this.ksoftirqdReady) this.runKsoftirqd();
      else if (this.state === 'ready' && this.process !== null) this.runProcess(this.process);
      else this.idle();
    }
  }

  /** Somebody other than idle is to run. */
  private get wanted(): boolean {
    return this.state === 'ready' || this.ksoftirqdReady;
  }

  private runProcess(process: Process): void {
    const { begun } = this;
    this.begun = false;
    if (!begun) {
      this.counters.add(this.counts.switches);
      this.core.run(this.paths.switchTo);
    }
    this.core.context = process.context;
    if (!begun) this.core.run(this.flushed ? this.paths.reload : this.paths.stage);
    this.flushed = false;
    this.state = 'running';
    process.run(begun);
    this.state = 'asleep';
  }

  /** The end of idle and the beginning of the process, where nothing else happens before it is over. False: it does, and nothing has been done. */
  private wakeAtOnce(): boolean {
    const { process, switching } = this;
    return this.state === 'ready' && !this.ksoftirqdReady && process !== null && switching !== null && process.woken && this.core.runSequence(this.flushed ? switching.reload : switching.wake);
  }

  /** For the process: what it `sleeps` with and the beginning of idle, where nothing else happens before it is over. True: it must return. False: nothing has been done. */
  sleepAtOnce(): boolean {
    this.begun = this.switching !== null && !this.ksoftirqdReady && this.core.runSequence(this.switching.sleep);
    return this.begun;
  }

  private runKsoftirqd(): void {
    this.counters.add(this.counts.ksoftirqd);
    this.core.run(this.paths.switchTo);
    this.core.context = this.contexts.ksoftirqd;
    while (this.pollPending) this.doSoftirq(false);
    this.ksoftirqdReady = false;
  }

  /** The idle task, until somebody is to run. */
  private idle(): void {
    const { core, governor } = this;
    core.context = this.contexts.idle;
    this.idleCurrent = true;
    if (!this.begun) {
      this.counters.add(this.counts.idleEntries);
      core.run(this.paths.idleEnter);
    }
    this.tickStopped = true;
    while (!this.wanted && !core.stopped) {
      const state = governor.select();
      core.disableInterrupts();
      const start = core.now;
      core.idle();
      const stay = core.now - start;
      if (stay > 0) {
        governor.observe(stay);
        this.leave(state);
      }
      core.run(this.paths.idleLeave);
      core.enableInterrupts();
      core.context = this.contexts.idle;
      if (!this.wanted) core.run(this.paths.idleAgain);
    }
    this.tickStopped = false;
    this.begun = this.wakeAtOnce();
    if (!this.begun) core.run(this.paths.idleExit);
    this.idleCurrent = false;
  }

  /** The way out of a sleep state: time, and what it left cold. */
  private leave(state: SleepState): void {
    const { core } = this;
    this.counters.add(this.counts.sleeps[state.index]!); // one a state
    if (state.exit > 0) core.sleep(state.exit);
    if (!state.flushes) return;
    this.flushed = true;
    core.run(this.paths.coldCaches);
  }

  /** do_IRQ and irq_exit. */
  private interrupt(): void {
    if (!this.interruptAtOnce()) this.interruptStepwise();
  }

  /** The same for an interrupt of the NIC that hits the kernel, where nothing else happens before the driver looks. False: it does, and nothing has been done. */
  private interruptAtOnce(): boolean {
    const { core, driver } = this;
    if (this.userMode || this.pollPending || this.inSoftirq || this.ksoftirqdReady) return false;
    const vector = this.apic.only;
    if (vector === this.vectors.receive) {
      const retune = driver.rateChanged;
      if (!core.runSequence(retune ? this.interrupts.retune : this.interrupts.receive)) return false;
      this.apic.takeAndEnd();
      if (retune) driver.setRate();
      driver.newInterval();
      core.context = this.contexts.softirq;
      this.softirqs(true);
      return true;
    }
    if (vector !== this.vectors.transmit || !core.runSequence(this.interrupts.transmit)) return false;
    this.apic.takeAndEnd();
    core.context = this.contexts.interrupt;
    driver.cleanTransmits();
    return true;
  }

  private interruptStepwise(): void {
    const { core, userMode } = this;
    core.context = this.contexts.interrupt;
    core.run(userMode ? this.paths.fromUser : this.paths.fromKernel);
    this.userMode = false;
    const vector = this.apic.acknowledge();
    core.run(this.paths.irq);
    // MSI vectors are edge triggered: ended before the handler runs.
    this.route.endOfInterrupt();
    if (vector === this.vectors.receive) {
      this.counters.add(this.counts.receive);
      this.driver.receiveInterrupt(!this.pollPending);
      this.pollPending = true;
    } else if (vector === this.vectors.transmit) {
      this.counters.add(this.counts.transmit);
      this.driver.transmitInterrupt();
    } else {
      this.timer();
    }
    if (this.pollPending && !this.inSoftirq && !this.ksoftirqdReady) this.softirqOnExit();
    this.userMode = userMode;
  }

  private timer(): void {
    this.counters.add(this.counts.timer);
    this.core.run(this.paths.tick);
    const { tcp } = this;
    if (tcp !== null && tcp.delayedAckDue <= this.core.now) tcp.delayedAck();
  }

  private softirqOnExit(): void {
    this.core.context = this.contexts.softirq;
    this.core.run(this.paths.stage);
    this.softirqs(false);
  }

  /** invoke_softirq: __do_softirq starts over while more is pending, unless the scheduler is wanted; what is left then is ksoftirqd's. `begun`: see `doSoftirq`. */
  private softirqs(begun: boolean): void {
    const { core } = this;
    this.doSoftirq(begun);
    core.disableInterrupts();
    for (let round = 1; this.pollPending; round++) {
      if ((this.state === 'ready' && this.idleCurrent) || round >= RESTARTS) {
        core.run(this.paths.wakeup);
        this.ksoftirqdReady = true;
        break;
      }
      this.doSoftirq(false);
      core.disableInterrupts();
    }
  }

  /** net_rx_action, with interrupts on: polls until the ring is empty or the budget is used up. `begun`: its paths up to where the first poll looks at the ring have been run. */
  private doSoftirq(begun: boolean): void {
    const { core, driver } = this;
    this.inSoftirq = true;
    core.enableInterrupts();
    if (!begun) core.run(this.paths.softirq);
    this.pollPending = false;
    for (let left = BUDGET; ; left -= 64) {
      if (driver.poll(begun && left === BUDGET)) break;
      if (left <= 64) {
        this.pollPending = true;
        break;
      }
    }
    this.inSoftirq = false;
  }
}

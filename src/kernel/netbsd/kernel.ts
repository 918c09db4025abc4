import { type Boundary, SOFTINT_CLOCK, SOFTINT_NET, type Softint } from '../../anykernel/host.ts';
import { SECOND, type Tick } from '../../events/time.ts';
import { young } from '../../events/young.ts';
import { type Core, PIN_LAPIC } from '../../hw/core.ts';
import { ProbeEvent } from '../../hw/probe.ts';
import { part, type Part } from '../../hw/sequence.ts';
import { CLOCK, CP_IDLE, CP_INTR, CP_SYS, CP_USER, DEVICE, IPL_NET, IPL_NONE, IPL_SCHED, IPL_SOFTNET, SOFTNET, UNMASKED } from './level.ts';
import { type KernelHardware, type KernelPrograms, kernelContexts, kernelCounts, kernelSequences, type KernelSequences } from './parts.ts';
import { type KernelPaths, kernelPaths } from './paths.ts';
import { Softints } from './softints.ts';

/** The PM timer, as a probe is told of it: offset in its I/O block, and its rate, a quarter of the 14.31818 MHz crystal's (ACPI specification, 24 bits). */
const PM_TIMER = 8;
const PM_TIMER_HZ = 3579545;

/**
 * NetBSD on i386 with one CPU: interrupts run on the context they interrupt, priority levels are software and keep interrupts pending, softints are lwps that borrow the
 * interrupted one's place as soon as its level lets them in, one process runs under all that or the idle lwp does. Interrupts and softints run nested in whatever they interrupt, as the
 * kernel does it: each returns before what it interrupted goes on.
 */
export class NetBsdKernel implements Boundary {
  /** Told what each tick of the statistics clock finds (CP_USER, CP_SYS, CP_INTR, CP_IDLE). */
  onStatclock: (state: number) => void = young(() => {});
  /** The current priority level. */
  level = IPL_NONE;
  private readonly hardware: KernelHardware;
  private readonly programs: KernelPrograms;
  private readonly core: Core;
  private readonly paths: KernelPaths;
  private readonly softints: Softints;
  private readonly wakeUp: Tick;
  private readonly contexts: ReturnType<typeof kernelContexts>;
  private readonly counts: ReturnType<typeof kernelCounts>;
  private readonly sequences: KernelSequences;
  /** Sources waiting for a level that lets them in, one bit each. */
  private pending = 0;
  /** Hardware interrupts under way. */
  private interrupts = 0;
  private processRuns = false;
  private userMode = false;
  private runnable = false;

  constructor(hardware: KernelHardware, programs: KernelPrograms) {
    const { core, counters } = hardware;
    this.hardware = hardware;
    this.programs = programs;
    this.core = core;
    this.paths = kernelPaths(core.paths);
    this.wakeUp = core.paths.ticks('netbsd.idle.exit');
    this.contexts = kernelContexts(core);
    this.counts = kernelCounts(counters);
    this.sequences = kernelSequences(core, counters, this.contexts, this.paths, this.counts);
    this.softints = new Softints(core, counters, this.paths, this.counts, this);
    core.onInterrupt = young(() => this.interrupt());
  }

  /** Runs the process and the idle lwp until the core is stopped. */
  run(): void {
    const { core } = this;
    core.context = this.contexts.idle;
    core.enableInterrupts();
    while (!core.stopped) {
      if (!this.runnable) {
        if (!this.processRuns) this.idle();
        else if (this.pending === 0 && core.runSequence(this.sequences.toSleep)) this.sleepAtOnce();
        else this.switchLwp(this.paths.switchToIdle, false);
        continue;
      }
      if (!this.processRuns) this.switchLwp(this.paths.switchToProcess, true);
      this.runnable = false;
      this.programs.runProcess();
    }
  }

  /** setrunnable() for the process. */
  wakeProcess(): void {
    this.runnable = true;
  }

  /** softint_schedule(). The cost is part of the operations that call it. */
  scheduleSoftint(level: number, handler: Softint): void {
    this.pending |= this.softints.schedule(level, handler);
  }

  get enters(): Part {
    return part(this.contexts.kernel, [this.paths.syscallEntry], [this.counts.syscall]);
  }

  get leaves(): Part {
    return part(this.contexts.kernel, [this.paths.syscallExit]);
  }

  get kernelContext(): number {
    return this.contexts.kernel;
  }

  get userContext(): number {
    return this.contexts.user;
  }

  enterKernel(): void {
    this.hardware.counters.add(this.counts.syscall);
    this.core.context = this.contexts.kernel;
    this.userMode = false;
    this.core.run(this.paths.syscallEntry);
  }

  leaveKernel(): void {
    this.core.run(this.paths.syscallExit);
    this.userMode = true;
    this.core.context = this.contexts.user;
  }

  raiseToSoftnet(): void {
    this.level = IPL_SOFTNET;
  }

  lower(): void {
    this.lowerTo(IPL_NONE);
  }

  lockSockets(): void {
    this.softints.lock();
  }

  unlockSockets(): void {
    if (!this.softints.unlock()) return;
    const { core, level } = this;
    core.disableInterrupts();
    this.softints.wake();
    this.resume(level);
    core.enableInterrupts();
  }

  private lowerTo(level: number): void {
    if ((this.pending & (UNMASKED[level] ?? 0)) === 0) {
      this.level = level;
      return;
    }
    this.core.disableInterrupts();
    this.resume(level);
    this.core.enableInterrupts();
  }

  private idle(): void {
    const { core } = this;
    core.context = this.contexts.idle;
    core.run(this.paths.idle);
    if (this.runnable) return;
    // acpicpu_cstate_idle: asleep with interrupts off, the time of it measured with the PM timer. The way out of the sleep state is idle time, what it left cold is not.
    core.disableInterrupts();
    core.stall(this.paths.busMaster);
    this.readTimer();
    this.sleep();
  }

  /** The process has been left for the idle lwp, and the core is about to sleep. */
  private sleepAtOnce(): void {
    this.processRuns = false;
    this.core.context = this.contexts.idle;
    this.core.disableInterrupts();
    this.sleep();
  }

  /** The sleep itself and what follows, up to the process where an interrupt has woken it and nothing else happens before it goes on. */
  private sleep(): void {
    const { core } = this;
    core.idle();
    core.sleep(this.wakeUp);
    core.run(this.paths.wakeUp);
    core.enableInterrupts();
    if (this.runnable && this.pending === 0 && core.runSequence(this.sequences.toProcess)) {
      this.processRuns = true;
      core.context = this.contexts.kernel;
      return;
    }
    this.readTimer();
    core.stall(this.paths.busMaster);
  }

  private readTimer(): void {
    this.hardware.counters.add(this.counts.portRead);
    this.core.stall(this.paths.timerRead);
    this.core.probe?.event(ProbeEvent.portRead, 'pmtimer', PM_TIMER, Math.floor((this.core.now / SECOND) * PM_TIMER_HZ) & 0xffffff);
  }

  /** mi_switch(): at IPL_SCHED, so that interrupts are held until it is done. */
  private switchLwp(path: number, toProcess: boolean): void {
    const { core } = this;
    this.hardware.counters.add(this.counts.switched);
    core.context = toProcess ? this.contexts.idle : this.contexts.kernel;
    this.level = IPL_SCHED;
    core.run(path);
    this.processRuns = toProcess;
    core.context = toProcess ? this.contexts.kernel : this.contexts.idle;
    this.lowerTo(IPL_NONE);
  }

  private interrupt(): void {
    const { core, hardware } = this;
    const local = (core.interruptRequest & PIN_LAPIC) !== 0 || hardware.pic === null;
    core.context = this.contexts.interrupt;
    const number = local || hardware.pic === null ? hardware.apic.acknowledge() : hardware.pic.acknowledge();
    const { device } = hardware;
    const begun = number === device.number && device.beginsWithNothing && this.level < IPL_NET && core.runSequence(this.sequences.device);
    if (!begun) core.run(this.paths.interruptEntry);
    if (local && number === hardware.clockVector) this.clockInterrupt();
    else if (number === device.number) this.deviceInterrupt(begun);
    core.context = this.contexts.interrupt;
    core.run(this.paths.interruptExit);
  }

  private clockInterrupt(): void {
    const { level } = this;
    this.hardware.counters.add(this.counts.clock);
    this.hardware.apicEnd.write();
    if (level >= IPL_SCHED) {
      this.hold(CLOCK);
      return;
    }
    this.hardclock();
    this.resume(level);
  }

  /** `begun`: its paths up to the handler have been run. */
  private deviceInterrupt(begun: boolean): void {
    const { level } = this;
    const { counters, device } = this.hardware;
    if (!begun) counters.add(this.counts.device);
    device.begin();
    if (level >= IPL_NET) {
      this.hold(DEVICE);
      device.hold();
      return;
    }
    this.handleDevice(false, begun);
    this.resume(level);
    if (this.interrupts === 0 && (this.softints.depth > 0 || this.processRuns)) this.core.run(this.paths.refill);
  }

  private hold(source: number): void {
    this.hardware.counters.add(this.counts.held);
    this.pending |= 1 << source;
  }

  private handleDevice(resumed: boolean, begun: boolean): void {
    const { core } = this;
    const { context } = core;
    core.context = this.contexts.interrupt;
    this.interrupts++;
    this.level = IPL_NET;
    if (!begun) core.run(this.paths.interruptStub);
    core.enableInterrupts();
    this.programs.handleDevice();
    core.disableInterrupts();
    this.hardware.device.end(resumed);
    this.interrupts--;
    core.context = context;
  }

  private hardclock(): void {
    const { core } = this;
    const { context } = core;
    core.context = this.contexts.clock;
    // The sample is of what the tick interrupts, before the tick itself takes time.
    this.onStatclock(this.interrupts > 0 || this.softints.depth > 0 ? CP_INTR : !this.processRuns ? CP_IDLE : this.userMode ? CP_USER : CP_SYS);
    this.interrupts++;
    this.level = IPL_SCHED;
    core.enableInterrupts();
    core.run(this.paths.tick);
    this.programs.afterTick();
    core.disableInterrupts();
    this.interrupts--;
    core.context = context;
  }

  /** Xdoreti, Xspllower: runs what is pending and let in by `level`, then continues at that level. Called with interrupts off. */
  private resume(level: number): void {
    for (;;) {
      const ready = this.pending & (UNMASKED[level] ?? 0);
      if (ready === 0) break;
      const source = 31 - Math.clz32(ready);
      this.pending &= ~(1 << source);
      if (source === CLOCK) this.hardclock();
      else if (source === DEVICE) this.handleDevice(true, false);
      else this.softints.interrupt(source === SOFTNET ? SOFTINT_NET : SOFTINT_CLOCK);
    }
    this.level = level;
  }
}

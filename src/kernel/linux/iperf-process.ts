import type { LatencyHistogram } from '../../anykernel/latency.ts';
import { operation } from '../../anykernel/operation.ts';
import type { Core } from '../../hw/core.ts';
import type { Counters } from '../../hw/counters.ts';
import { bytes, execute, spend } from '../../hw/path.ts';
import { part, type Part } from '../../hw/sequence.ts';
import type { LinuxKernel } from './kernel.ts';
import type { Process } from './process.ts';
import type { LinuxTcp } from './tcp.ts';

/**
 * iperf 3.1.3's server as a Linux process: select; then a block of `blockBytes` is read from the non-blocking socket until it is full or a read finds nothing (iperf_server_api.c, net.c).
 */
export class IperfProcess implements Process {
  readonly context: number;
  readonly wakes: Part;
  readonly sleeps: Part;
  private readonly core: Core;
  private readonly counters: Counters;
  private readonly tcp: LinuxTcp;
  private readonly latency: LatencyHistogram;
  private readonly blockBytes: number;
  private readonly kernel: LinuxKernel;
  private readonly syscall: number;
  private readonly loop: number;
  private readonly selectEnter: number;
  private readonly selectSleeps: number;
  private readonly selectWakes: number;
  private readonly readData: number;
  private readonly readSegment: number;
  private readonly readFrame: number;
  private readonly readNothing: number;
  private readonly copy: number;
  private readonly copyTicksPerByte: number;
  private readonly reads: number;
  private readonly emptyReads: number;
  private readonly selects: number;
  private readonly delivered: number;
  private sleeping = false;

  constructor(core: Core, counters: Counters, kernel: LinuxKernel, tcp: LinuxTcp, latency: LatencyHistogram, blockBytes: number) {
    this.core = core;
    this.counters = counters;
    this.kernel = kernel;
    this.tcp = tcp;
    this.latency = latency;
    this.blockBytes = blockBytes;
    this.context = core.defineContext('linux:iperf');
    const { paths } = core;
    this.syscall = operation(paths, 'linux.syscall', spend('sel4.syscall.entry'), spend('sel4.syscall.exit'));
    this.loop = paths.define('iperf.loop', execute('app', 'insn.iperf.loop.app'), execute('app', 'insn.linux.vdso.app'));
    this.selectEnter = operation(paths, 'linux.select.enter');
    this.selectSleeps = operation(paths, 'linux.select.sleeps');
    this.selectWakes = operation(paths, 'linux.select.wakes');
    this.readData = operation(paths, 'linux.read.data');
    this.readSegment = operation(paths, 'linux.read.segment');
    this.readFrame = operation(paths, 'linux.read.frame');
    this.readNothing = operation(paths, 'linux.read.nothing');
    this.copy = paths.define('read.copy', bytes('copy.cold', 1448));
    this.copyTicksPerByte = paths.ticksPerByte('copy.cold');
    this.reads = counters.define('app.reads');
    this.emptyReads = counters.define('app.reads-empty');
    this.selects = counters.define('app.selects');
    this.delivered = counters.define('bytes.delivered');
    this.wakes = part(this.context, [this.selectWakes, this.loop, this.syscall, this.readData, this.readSegment], [this.reads]);
    this.sleeps = part(this.context, [this.syscall, this.readNothing, this.syscall, this.selectEnter, this.selectSleeps], [this.emptyReads, this.selects]);
  }

  get woken(): boolean {
    return this.sleeping && this.tcp.queue.bytes > 0;
  }

  /** From where it slept, in select, to the next time that select sleeps. */
  run(begun: boolean): void {
    const { core, tcp, counters } = this;
    if (this.sleeping && !begun) core.run(this.selectWakes);
    this.sleeping = false;
    let reading = begun;
    for (;;) {
      if (!reading) {
        this.kernel.reschedule();
        this.kernel.userMode = true;
        core.run(this.loop);
        this.kernel.userMode = false;
      }
      if (tcp.queue.bytes > 0 && this.readBlock(reading)) break;
      reading = false;
      counters.add(this.selects);
      core.run(this.syscall);
      core.run(this.selectEnter);
      // An overloaded reader never sleeps: the end of the run ends it, too.
      if (core.stopped) break;
      if (tcp.queue.bytes > 0) continue;
      core.run(this.selectSleeps);
      // A segment that came meanwhile found nobody asleep; its note in the wait queue keeps select from sleeping.
      if (tcp.queue.bytes === 0) break;
      core.run(this.selectWakes);
    }
    this.sleeping = true;
  }

  /** Reads until the block is full or nothing is left. `reading`: the first read has got to the bytes of its first segment. True: there was nothing left, and select sleeps already. */
  private readBlock(reading: boolean): boolean {
    const { core, counters, tcp } = this;
    let left = this.blockBytes;
    if (reading) left -= this.read(left, 1);
    while (left > 0) {
      if (tcp.queue.bytes === 0 && this.kernel.sleepAtOnce()) return true;
      core.run(this.syscall);
      if (tcp.queue.bytes === 0) {
        counters.add(this.emptyReads);
        core.run(this.readNothing);
        return false;
      }
      counters.add(this.reads);
      core.run(this.readData);
      left -= this.read(left, 0);
    }
    return false;
  }

  /** Copies up to `most` bytes out; returns how many. `segments`: how many segments' paths have been run. */
  private read(most: number, segments: number): number {
    const { core } = this;
    const { queue } = this.tcp;
    const wanted = Math.min(most, queue.bytes);
    core.runMany(this.readSegment, queue.segmentsHolding(wanted) - segments);
    core.runMany(this.readFrame, queue.framesHolding(wanted));
    core.spend(this.copy, Math.round(wanted * this.copyTicksPerByte));
    queue.take(wanted, core.now, this.latency);
    this.counters.addMany(this.delivered, wanted);
    this.tcp.afterRead();
    return wanted;
  }
}

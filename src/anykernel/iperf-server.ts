import { bytes } from '../hw/path.ts';
import { ANYWHERE, part, type Part, type Sequence } from '../hw/sequence.ts';
import type { Boundary, Host } from './host.ts';
import type { LatencyHistogram } from './latency.ts';
import type { NetInput } from './net-input.ts';
import { operation } from './operation.ts';
import type { TcpReceiver } from './tcp-receiver.ts';

/** In Rumprun, where a system call is a function call. */
const NO_BOUNDARY: Pick<Boundary, 'enters' | 'leaves' | 'kernelContext' | 'userContext'> = { enters: part(ANYWHERE, []), leaves: part(ANYWHERE, []), kernelContext: ANYWHERE, userContext: ANYWHERE };

/**
 * The iperf 3.1.3 server's receive loop (iperf_server_api.c, iperf_tcp.c, net.c): select; then a block of `blockBytes` is read with non-blocking reads until it is full
 * or a read finds nothing; then select again.
 */
export class IperfServer {
  private readonly host: Host;
  private readonly input: NetInput;
  private readonly tcp: TcpReceiver;
  private readonly latency: LatencyHistogram;
  private readonly blockBytes: number;
  private readonly selectWakes: number;
  private readonly selectEnter: number;
  private readonly selectSleeps: number;
  private readonly loop: number;
  private readonly readData: number;
  private readonly readMbuf: number;
  private readonly readNothing: number;
  private readonly copy: number;
  private readonly copyTicksPerByte: number;
  private readonly reads: number;
  private readonly emptyReads: number;
  private readonly selects: number;
  private readonly delivered: number;
  /** From the return of a select that slept to the bytes of the first read; from a read that left nothing to the sleep of the next select. */
  private readonly wakes: Sequence;
  private readonly sleeps: Sequence;

  constructor(host: Host, input: NetInput, tcp: TcpReceiver, latency: LatencyHistogram, blockBytes: number) {
    this.host = host;
    this.input = input;
    this.tcp = tcp;
    this.latency = latency;
    this.blockBytes = blockBytes;
    const paths = host.core.paths;
    this.selectWakes = operation(paths, 'select.wakes');
    this.selectEnter = operation(paths, 'select.enter');
    this.selectSleeps = operation(paths, 'select.sleeps');
    this.loop = operation(paths, 'iperf.loop');
    this.readData = operation(paths, 'read.data');
    this.readMbuf = operation(paths, 'read.mbuf');
    this.readNothing = operation(paths, 'read.nothing');
    this.copy = paths.define('read.copy', bytes('copy.read', 1448));
    this.copyTicksPerByte = paths.ticksPerByte('copy.read');
    this.reads = host.counters.define('app.reads');
    this.emptyReads = host.counters.define('app.reads-empty');
    this.selects = host.counters.define('app.selects');
    this.delivered = host.counters.define('bytes.delivered');
    const { enters, leaves, kernelContext, userContext } = host.boundary ?? NO_BOUNDARY;
    const kernel = (ids: readonly number[], ...counts: readonly number[]): Part => part(kernelContext, ids, counts);
    this.wakes = host.core.join(
      host.counters, kernel([this.selectWakes]), leaves, part(userContext, [this.loop]), enters, leaves,
      enters, kernel([this.readData], this.reads),
    );
    this.sleeps = host.core.join(
      host.counters, leaves, enters, kernel([this.readNothing], this.emptyReads), leaves,
      enters, kernel([this.selectEnter, this.selectSleeps], this.selects),
    );
  }

  /** Runs from the return of a select that slept to the next one that sleeps. */
  run(): void {
    const { core, boundary } = this.host;
    let reading = this.atOnce(this.tcp.buffer.bytes > 0, this.wakes);
    if (!reading) {
      core.run(this.selectWakes);
      boundary?.leaveKernel();
    }
    for (;;) {
      if (!reading) {
        core.run(this.loop);
        this.host.applicationTurns?.(false);
        // gettimeofday.
        boundary?.enterKernel();
        boundary?.leaveKernel();
      }
      if (this.readBlock(reading)) return;
      reading = false;
      this.host.counters.add(this.selects);
      boundary?.enterKernel();
      core.run(this.selectEnter);
      // An overloaded reader never sleeps: the end of the run ends it, too.
      if (this.tcp.buffer.bytes === 0 || core.stopped) break;
      boundary?.leaveKernel();
    }
    // What comes between the scan and the sleep finds the reader registered: the lock is held over both.
    boundary?.lockSockets();
    this.host.applicationTurns?.(true);
    core.run(this.selectSleeps);
    this.input.readerSleeps = true;
    boundary?.unlockSockets();
  }

  /** Runs a sequence if it is what comes and nothing else happens before its end. */
  private atOnce(comes: boolean, sequence: Sequence): boolean {
    return comes && this.host.applicationTurns === undefined && this.host.core.runSequenceHere(sequence);
  }

  /** Nread(): until the block is full or nothing is there. `reading`: the first read has got to its bytes. True: there was nothing left, and select sleeps already. */
  private readBlock(reading: boolean): boolean {
    const { core, counters, boundary } = this.host;
    const buffer = this.tcp.buffer;
    let left = this.blockBytes;
    let begun = reading;
    while (left > 0) {
      if (!begun) {
        boundary?.enterKernel();
        if (buffer.bytes === 0) {
          counters.add(this.emptyReads);
          core.run(this.readNothing);
          boundary?.leaveKernel();
          return false;
        }
        counters.add(this.reads);
      }
      boundary?.raiseToSoftnet();
      if (!begun) core.run(this.readData);
      begun = false;
      // The call's own cost holds its first mbuf.
      let counted = 1;
      // soreceive() lets softints in while it copies, and takes what they bring too.
      do {
        const wanted = Math.min(left, buffer.bytes);
        core.runMany(this.readMbuf, buffer.framesHolding(wanted) - counted);
        counted = 0;
        boundary?.lower();
        core.spend(this.copy, Math.round(wanted * this.copyTicksPerByte));
        boundary?.raiseToSoftnet();
        left -= wanted;
        counters.addMany(this.delivered, wanted);
        buffer.take(wanted, core.now, this.latency);
      } while (left > 0 && buffer.bytes > 0);
      this.tcp.afterRead();
      boundary?.lower();
      if (this.atOnce(left > 0 && buffer.bytes === 0, this.sleeps)) {
        this.input.readerSleeps = true;
        return true;
      }
      boundary?.leaveKernel();
    }
    return false;
  }
}

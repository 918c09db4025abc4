import { young } from '../events/young.ts';
import { NO_SEGMENT } from '../hw/frame.ts';
import { RUN_BYTES, RUN_COUNT, RUN_FIRST, RUN_PAYLOAD, RUN_SEQ, RUN_SPACING } from '../hw/frame-runs.ts';
import type { I82574 } from '../hw/i82574.ts';
import { type Host, SOFTINT_NET } from './host.ts';
import { operation } from './operation.ts';
import type { TcpReceiver } from './tcp-receiver.ts';

/**
 * From the driver to TCP: the interface's per-CPU queue, its softint (Ethernet input), IP's packet queue and its softint. Both queues
 * are counts over the NIC's runs of frames, since nothing reorders frames on the way.
 */
export class NetInput {
  private readonly host: Host;
  private readonly nic: I82574;
  private readonly tcp: TcpReceiver;
  private readonly percpuqSoftint: number;
  private readonly etherFrame: number;
  private readonly ipSoftint: number;
  private readonly readerWakes: number;
  /** Frames up to here have been through Ethernet input, and through IP. */
  private ether = 0;
  private ip = 0;
  /** Frames of the oldest run that have been through IP. */
  private inRun = 0;
  private readonly runEther = young((): void => this.etherInput());
  private readonly runIp = young((): void => this.ipInput());
  /** The application sleeps until data comes. */
  readerSleeps = false;

  constructor(host: Host, nic: I82574, tcp: TcpReceiver) {
    this.host = host;
    this.nic = nic;
    this.tcp = tcp;
    const paths = host.core.paths;
    this.percpuqSoftint = operation(paths, 'softint.percpuq');
    this.etherFrame = operation(paths, 'ether.frame');
    this.ipSoftint = operation(paths, 'softint.ip');
    this.readerWakes = operation(paths, 'socket.wakeup');
    tcp.onReadable = young(() => this.wakeReader());
  }

  /** if_percpuq_enqueue for the frames the driver has just taken. */
  framesTaken(): void {
    this.host.scheduleSoftint(SOFTINT_NET, this.runEther);
  }

  private etherInput(): void {
    const core = this.host.core;
    core.run(this.percpuqSoftint);
    // A native kernel's driver may interrupt here and take more: the next turn finds those.
    while (this.ether < this.nic.taken) {
      const frames = core.oneByOne ? 1 : this.nic.taken - this.ether;
      this.ether += frames;
      core.runMany(this.etherFrame, frames);
    }
    this.host.scheduleSoftint(SOFTINT_NET, this.runIp);
  }

  private ipInput(): void {
    const { tcp } = this;
    const { runs, receiveLatency } = this.nic;
    this.host.core.run(this.ipSoftint);
    while (this.ip < this.ether) {
      const { words } = runs;
      let slot = runs.slot(runs.head);
      if (this.inRun === words[slot + RUN_COUNT]!) {
        runs.head++;
        this.inRun = 0;
        slot = runs.slot(runs.head);
      }
      const i = this.inRun;
      const payload = words[slot + RUN_PAYLOAD]!; // runs hold every frame taken and not yet passed on
      const spacing = words[slot + RUN_SPACING]!;
      const seq = words[slot + RUN_SEQ]! + i * payload;
      const arrival = words[slot + RUN_FIRST]! + i * spacing - receiveLatency;
      const frames = Math.min(this.ether - this.ip, (words[slot + RUN_COUNT]! | 0) - i);
      this.inRun += frames;
      this.ip += frames;
      if (seq === NO_SEGMENT) tcp.inputOthers(words[slot + RUN_BYTES]!, frames);
      else tcp.queue(seq, payload, arrival, spacing, frames);
    }
    tcp.inputAll();
  }

  private wakeReader(): void {
    if (!this.readerSleeps) return;
    this.readerSleeps = false;
    this.host.core.run(this.readerWakes);
    this.host.wakeApplication();
  }
}

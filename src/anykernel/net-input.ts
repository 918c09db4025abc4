import { PAYLOAD, SEQ, FRAME_WORDS } from '../hw/frame.ts';
import type { I82574 } from '../hw/i82574.ts';
import { type Host, SOFTINT_NET } from './host.ts';
import { operation } from './operation.ts';
import type { TcpReceiver } from './tcp-receiver.ts';

/**
 * From the driver to TCP: the interface's per-CPU queue, its softint (Ethernet input), IP's packet queue and its softint. Both queues
 * are ranges of the NIC's frame numbers, since nothing reorders frames on the way.
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
  private readonly runEther = (): void => this.etherInput();
  private readonly runIp = (): void => this.ipInput();
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
  }

  /** if_percpuq_enqueue for the frames the driver has just taken. */
  framesTaken(): void {
    this.host.scheduleSoftint(SOFTINT_NET, this.runEther);
  }

  private etherInput(): void {
    const core = this.host.core;
    core.run(this.percpuqSoftint);
    while (this.ether < this.nic.taken) {
      core.run(this.etherFrame);
      this.ether++;
    }
    this.host.scheduleSoftint(SOFTINT_NET, this.runIp);
  }

  private ipInput(): void {
    const core = this.host.core;
    const nic = this.nic;
    core.run(this.ipSoftint);
    while (this.ip < this.ether) {
      const slot = this.ip & nic.storeMask;
      const base = slot * FRAME_WORDS;
      const added = this.tcp.input(nic.words[base + SEQ]!, nic.words[base + PAYLOAD]!, nic.arrivals[slot]!); // frame records are inside the store
      this.ip++;
      if (added && this.readerSleeps) {
        this.readerSleeps = false;
        core.run(this.readerWakes);
        this.host.wakeApplication();
      }
    }
  }
}

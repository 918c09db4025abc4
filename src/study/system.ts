import type { NicSettings } from '../hw/i82574.ts';
import type { ControllerKind } from '../hw/interrupt-route.ts';

/** What a machine is made of: kernel, platform layer, interrupt controller, timer, NIC settings, sockets. Any mix of parts runs. */
export interface System {
  readonly name: string;
  readonly title: string;
  readonly kernel: 'sel4' | 'bare-metal';
  readonly controller: ControllerKind;
  readonly timer: 'pit' | 'hpet';
  /** How the HPET's interrupt is delivered, where it is the timer. */
  readonly hpetDelivery: 'msi' | 'ioapic';
  readonly nic: NicSettings;
  readonly socket: SocketSettings;
}

export interface SocketSettings {
  /** SO_RCVBUF of the server, bytes. */
  readonly bufferBytes: number;
  /** Whether NetBSD grows the buffer by itself; on for every accepted connection in the measured sources. */
  readonly autosize: boolean;
  /** log2 of the unit of the advertised window. */
  readonly windowScale: number;
  /** iperf's block, bytes. */
  readonly blockBytes: number;
}

/** wm(4) rev 1.416 on the 82574L: 256 descriptors, ITR 1500, all delay timers 375 (384 us), 20 KB of packet buffer for receiving (if_wm.c; costs.md 4b). */
export const STATIC_THROTTLE: NicSettings = { rxDescriptors: 256, itr: 1500, rdtr: 375, radv: 375, tidv: 375, tadv: 375, rxBufferBytes: 20480 };

/** The paper's sockets: 87,380 bytes asked for, 128 KiB blocks; scale 3 follows from sb_max (tcp_input.c). */
export const PAPER_SOCKET: SocketSettings = { bufferBytes: 87380, autosize: true, windowScale: 3, blockBytes: 131072 };

function rumprun(name: string, title: string, parts: Pick<System, 'kernel' | 'controller' | 'timer'>): System {
  return { name, title, ...parts, hpetDelivery: 'msi', nic: STATIC_THROTTLE, socket: PAPER_SOCKET };
}

/** The systems of Fig 4 that run Rumprun, in the paper's names. */
export const SYSTEMS: readonly System[] = [
  rumprun('sel4-pic', 'Rumprun on seL4, PIC and PIT', { kernel: 'sel4', controller: 'pic', timer: 'pit' }),
  rumprun('sel4-ioapic', 'Rumprun on seL4, IOAPIC and HPET', { kernel: 'sel4', controller: 'ioapic', timer: 'hpet' }),
  rumprun('sel4-msi', 'Rumprun on seL4, MSI and HPET', { kernel: 'sel4', controller: 'msi', timer: 'hpet' }),
  rumprun('bmk', 'Rumprun on bare metal, PIC and PIT', { kernel: 'bare-metal', controller: 'pic', timer: 'pit' }),
];

/** The driver's register values for a throttle of `itr` units of 256 ns: all five set together, the delay timers to the same time in units of 1.024 us. */
export function throttled(nic: NicSettings, itr: number): NicSettings {
  const delay = Math.floor(itr / 4);
  return { ...nic, itr, rdtr: delay, radv: delay, tidv: delay, tadv: delay };
}

import type { NicSettings } from '../hw/i82574.ts';
import type { ControllerKind } from '../hw/interrupt-route.ts';
import type { LinuxSettings } from '../kernel/linux/linux.ts';

/** Rumprun's platform layers for seL4: of 582c0b5 (2017), interrupt threads beside the rump thread; of 0be59c6 (2023), a timer that the root task keeps and is called for. */
export const PLATFORMS = ['2017-threads', '2023-rpc'] as const;
export type Platform = (typeof PLATFORMS)[number];

/** What a machine is made of: kernel, platform layer, interrupt controller, timer, NIC settings, sockets. Any mix of parts runs. */
export interface System {
  readonly name: string;
  readonly title: string;
  readonly kernel: 'sel4' | 'bare-metal' | 'netbsd' | 'linux';
  /** `msix`: vectors for the NIC's queues; native kernels only. */
  readonly controller: ControllerKind | 'msix';
  /** Rumprun's seL4 platform layer: of 2017, as in the paper, when left out. */
  readonly platform?: Platform;
  /** One-shot timer of Rumprun's idle loop. NetBSD runs its clock from the local APIC. */
  readonly timer: 'pit' | 'hpet';
  /** How the HPET's interrupt is delivered, where it is the timer. */
  readonly hpetDelivery: 'msi' | 'ioapic';
  readonly nic: NicSettings;
  readonly socket: SocketSettings;
  /** What only Linux has. */
  readonly linux?: LinuxSettings;
  /** Clocks of the 2023 platform that do not run at the right rate; both do when left out. */
  readonly clocks?: ClockRates;
}

/** Real time in one unit of a clock's time, as a factor: 1 is right, 1.001 a clock that is slow by a thousandth. */
export interface ClockRates {
  /** The rump kernel's. */
  readonly rump: number;
  /** The root task's time server's. */
  readonly root: number;
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
  /** Payload of a full segment, where the peer does not send timestamps: 1,460 bytes. */
  readonly segmentBytes?: number;
}

/** wm(4) rev 1.416 on the 82574L: 256 descriptors, ITR 1500, all delay timers 375 (384 us), 20 KB of packet buffer for receiving (if_wm.c; costs.md 4b). */
export const STATIC_THROTTLE: NicSettings = { rxDescriptors: 256, itr: 1500, rdtr: 375, radv: 375, tidv: 375, tadv: 375, rxBufferBytes: 20480 };

/** The paper's sockets: 87,380 bytes asked for, 128 KiB blocks; scale 3 follows from sb_max (tcp_input.c). */
export const PAPER_SOCKET: SocketSettings = { bufferBytes: 87380, autosize: true, windowScale: 3, blockBytes: 131072 };

/**
 * e1000e of Linux 4.9 on the 82574L: rings of 256; RDTR and RADV 0x20, since the 82574L's write-back bursts override the documented 0 and 8 (e1000_configure_rx, FLAG2_DMA_BURST; the recorded driver writes
 * 0x20 too); TIDV 8 and TADV 32. ITR is not used: each vector has its own.
 */
export const LINUX_NIC: NicSettings = { rxDescriptors: 256, itr: 0, rdtr: 32, radv: 32, tidv: 8, tadv: 32, rxBufferBytes: 20480 };

/** The paper's sockets on Linux: SO_RCVBUF stops the buffer from growing; scale 1 is the least that offers 87,380 bytes (tcp_select_initial_window). */
export const LINUX_SOCKET: SocketSettings = { bufferBytes: 87380, autosize: false, windowScale: 1, blockBytes: 131072 };

export const LINUX_DEFAULTS: LinuxSettings = { throttle: 'adaptive', sleep: 'menu' };

const LINUX: System = {
  name: 'linux', title: 'Linux (Debian 2017)', kernel: 'linux', controller: 'msix', timer: 'hpet', hpetDelivery: 'msi', nic: LINUX_NIC, socket: LINUX_SOCKET, linux: LINUX_DEFAULTS,
};

/**
 * NetBSD takes MSI-X: its driver asks for it first, the 82574L has it and i386 turns it on (if_wm.c 1671-1700, sys/arch/i386/include/types.h 139 at src-netbsd b8b951e9), and the paper's kernel was built
 * from the same sources. The paper does not say which it used: the controller is the parameter.
 */
const NETBSD: System = {
  name: 'netbsd', title: 'NetBSD, native', kernel: 'netbsd', controller: 'msix', timer: 'hpet', hpetDelivery: 'msi', nic: STATIC_THROTTLE, socket: PAPER_SOCKET,
};

function rumprun(name: string, title: string, parts: Pick<System, 'kernel' | 'controller' | 'timer'>): System {
  return { name, title, ...parts, hpetDelivery: 'msi', nic: STATIC_THROTTLE, socket: PAPER_SOCKET };
}

/** The systems of Fig 4, in the paper's names. */
export const SYSTEMS: readonly System[] = [
  rumprun('sel4-pic', 'Rumprun on seL4, PIC and PIT', { kernel: 'sel4', controller: 'pic', timer: 'pit' }),
  rumprun('sel4-ioapic', 'Rumprun on seL4, IOAPIC and HPET', { kernel: 'sel4', controller: 'ioapic', timer: 'hpet' }),
  rumprun('sel4-msi', 'Rumprun on seL4, MSI and HPET', { kernel: 'sel4', controller: 'msi', timer: 'hpet' }),
  rumprun('bmk', 'Rumprun on bare metal, PIC and PIT', { kernel: 'bare-metal', controller: 'pic', timer: 'pit' }),
  NETBSD,
  LINUX,
];

function platform2023(name: string, title: string, parts: Pick<System, 'controller' | 'timer'>): System {
  return { name, title, kernel: 'sel4', platform: '2023-rpc', ...parts, hpetDelivery: 'ioapic', nic: STATIC_THROTTLE, socket: PAPER_SOCKET };
}

/** Systems beside those of Fig 4: seL4/rumprun of 2023, which the recordings are of, on the paper's machine. */
export const LATER_SYSTEMS: readonly System[] = [
  platform2023('sel4-2023-pic', 'Rumprun on seL4, platform of 2023, PIC and PIT', { controller: 'pic', timer: 'pit' }),
  platform2023('sel4-2023-ioapic', 'Rumprun on seL4, platform of 2023, IOAPIC and HPET', { controller: 'ioapic', timer: 'hpet' }),
  platform2023('sel4-2023-msi', 'Rumprun on seL4, platform of 2023, MSI and HPET', { controller: 'msi', timer: 'hpet' }),
];

/** The driver's register values for a throttle of `itr` units of 256 ns: all five set together, the delay timers to the same time in units of 1.024 us. */
export function throttled(nic: NicSettings, itr: number): NicSettings {
  const delay = Math.floor(itr / 4);
  return { ...nic, itr, rdtr: delay, radv: delay, tidv: delay, tadv: delay };
}

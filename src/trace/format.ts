import { ProbeEvent } from '../hw/probe.ts';

/** The kinds of trace. */
export const TRACE_KINDS = ['wire', 'hardware', 'kernel', 'ledger'] as const;
export type TraceKind = (typeof TRACE_KINDS)[number];

/** How a column is stored: integers of a width, or the code of a name in a dictionary (16-bit index, UTF-8 names). */
export type ColumnType = 'int8' | 'int16' | 'int32' | 'int64' | 'dictionary';

export interface ColumnFormat {
  readonly name: string;
  readonly type: ColumnType;
  /** `clock` stands for the unit of the trace's clock. */
  readonly unit: string;
  readonly meaning: string;
}

/** A value of a dictionary column. Its code is its index. */
export interface NameFormat {
  readonly name: string;
  readonly meaning: string;
}

export interface TraceFormat {
  readonly kind: TraceKind;
  /** In file order; the first is the time. All values are integers, none negative, none missing. */
  readonly columns: readonly ColumnFormat[];
  /** The values of the dictionary columns, by column. */
  readonly dictionaries: Readonly<Record<string, readonly NameFormat[]>>;
}

/** Codes of the wire trace's column `kind`. */
export const WireKind = { rxData: 0, rxAck: 1, rxOther: 2, txData: 3, txAck: 4, txOther: 5 } as const;
/** Values of the wire trace's column `direction`. */
export const DIRECTION_IN = 0;
export const DIRECTION_OUT = 1;

/** Places of the wire trace's columns. From `bytes` on they are the words of a frame (src/hw/frame.ts), in that order. */
export const WireColumn = { t: 0, kind: 1, direction: 2, bytes: 3, flow: 11 } as const;

const WIRE: TraceFormat = {
  kind: 'wire',
  columns: [
    { name: 't', type: 'int64', unit: 'clock', meaning: 'when the frame\'s last bit was in at the port of the recorded machine\'s NIC, before any DMA (in), or had left it (out); relative to the origin' },
    { name: 'kind', type: 'dictionary', unit: 'name', meaning: 'what the frame is' },
    { name: 'direction', type: 'int8', unit: 'code', meaning: '0: into the recorded machine; 1: out of it' },
    { name: 'bytes', type: 'int32', unit: 'bytes', meaning: 'frame length from the Ethernet header on, without FCS, preamble, gap and padding' },
    { name: 'seq', type: 'int64', unit: 'bytes', meaning: 'first payload byte as an offset in the stream, never wrapped; 0 where nothing is sent' },
    { name: 'payload', type: 'int32', unit: 'bytes', meaning: 'payload' },
    { name: 'ack', type: 'int64', unit: 'bytes', meaning: 'next byte expected from the other side, as an offset in its stream' },
    { name: 'window', type: 'int64', unit: 'bytes', meaning: 'receive window offered, already scaled' },
    { name: 'sack_low', type: 'int64', unit: 'bytes', meaning: 'start of the first SACK block; 0 with sack_high 0 where there is none' },
    { name: 'sack_high', type: 'int64', unit: 'bytes', meaning: 'end of the first SACK block, not included' },
    { name: 'flags', type: 'int32', unit: 'bits', meaning: '1 FIN, 2 SYN, 4 RST, 8 PSH; known to a simulator only: 256 retransmission, 512 zero-window probe' },
    { name: 'flow', type: 'int32', unit: 'number', meaning: 'connection, counted from 0' },
  ],
  dictionaries: {
    kind: [
      { name: 'rx-data', meaning: 'TCP segment with payload, into the recorded machine' },
      { name: 'rx-ack', meaning: 'TCP segment without payload, into the recorded machine' },
      { name: 'rx-other', meaning: 'any other frame into the recorded machine' },
      { name: 'tx-data', meaning: 'TCP segment with payload, out of the recorded machine' },
      { name: 'tx-ack', meaning: 'TCP segment without payload, out of the recorded machine' },
      { name: 'tx-other', meaning: 'any other frame out of the recorded machine' },
    ],
  },
};

/** Places of the hardware trace's columns. */
export const HardwareColumn = { t: 0, kind: 1, device: 2, address: 3, value: 4 } as const;

const EVENTS: Readonly<Record<keyof typeof ProbeEvent, NameFormat>> = {
  dmaWrite: { name: 'dma-write', meaning: 'a received frame and its descriptor are in memory; address: receive descriptor; value: frame bytes without FCS' },
  irqRaise: { name: 'irq-raise', meaning: 'a device asserts its interrupt output or decides to send its message; value: causes (NIC: ICR bits)' },
  irqLower: { name: 'irq-lower', meaning: 'a device\'s interrupt output is inactive again: a level goes away; a message that was sent is not taken back' },
  msi: { name: 'msi', meaning: 'an interrupt message, a device\'s own or the I/O APIC\'s, arrives at the local APIC; address: message address; value: vector' },
  irqDeliver: { name: 'irq-deliver', meaning: 'the core takes an interrupt; value: PIC input (device pic) or APIC vector (device lapic)' },
  eoi: { name: 'eoi', meaning: 'end of interrupt; address: port or APIC register; value: PIC input or APIC vector that was in service' },
  timerProgram: { name: 'timer-program', meaning: 'a timer is armed; address: its channel or register; value: time from here to its (first) expiry, in the clock\'s unit' },
  timerExpire: { name: 'timer-expire', meaning: 'a timer expires; address: as when it was armed' },
  portRead: { name: 'port-read', meaning: 'the core has read an I/O port; address: port; value: byte read' },
  portWrite: { name: 'port-write', meaning: 'the core has written an I/O port; address: port; value: byte written' },
  mmioRead: { name: 'mmio-read', meaning: 'the core has read a device register; address: offset in the device; value: causes read (NIC ICR), main counter (HPET)' },
  mmioWrite: { name: 'mmio-write', meaning: 'the core has written a device register; address: offset in the device; value: receive descriptor given back (NIC RDT), packets sent before (NIC TDT), causes enabled or disabled (NIC IMS, IMC), units of 256 ns (NIC EITR), register or mask bit (I/O APIC), else 0' },
};

/** Devices of the model, by the names they report themselves with. */
const DEVICES: readonly NameFormat[] = [
  { name: 'nic', meaning: 'Intel 82574L' },
  { name: 'pic', meaning: '8259A pair' },
  { name: 'ioapic', meaning: 'I/O APIC' },
  { name: 'lapic', meaning: 'local APIC with its timer' },
  { name: 'pit', meaning: '8254, channel 0' },
  { name: 'hpet', meaning: 'HPET, main counter and timer 0' },
  { name: 'pmtimer', meaning: 'ACPI power management timer; addresses are offsets in its I/O block' },
];

const HARDWARE: TraceFormat = {
  kind: 'hardware',
  columns: [
    { name: 't', type: 'int64', unit: 'clock', meaning: 'when it happened; relative to the origin' },
    { name: 'kind', type: 'dictionary', unit: 'name', meaning: 'what happened' },
    { name: 'device', type: 'dictionary', unit: 'name', meaning: 'device it happened at' },
    { name: 'address', type: 'int64', unit: 'by kind', meaning: 'register, port, descriptor or message address, by kind; 0 where there is none' },
    { name: 'value', type: 'int64', unit: 'by kind', meaning: 'by kind; 0 where there is none' },
  ],
  dictionaries: {
    kind: Object.entries(ProbeEvent).toSorted(([, a], [, b]) => a - b).map(([key]) => EVENTS[key as keyof typeof ProbeEvent]),
    device: DEVICES,
  },
};

/** Values of the kernel trace's columns `from_mode` and `to_mode`. */
export const Mode = { user: 0, idle: 1, kernel: 2 } as const;

/** Places of the kernel trace's columns. */
export const KernelColumn = {
  t: 0, operation: 1, entry: 2, fromMode: 3, user: 4, duration: 5, instructions: 6, loads: 7, stores: 8, mmio: 9, portIn: 10, portOut: 11, cr3: 12, wrmsr: 13, fxsave: 14, fxrstor: 15,
  toMode: 16, from: 17, to: 18, path: 19,
} as const;

const MODES: readonly NameFormat[] = [
  { name: 'user', meaning: 'user code' },
  { name: 'idle', meaning: 'the idle loop, in user or kernel mode' },
  { name: 'kernel', meaning: 'the kernel itself: another entry came before the exit' },
];

const KERNEL: TraceFormat = {
  kind: 'kernel',
  columns: [
    { name: 't', type: 'int64', unit: 'clock', meaning: 'when the kernel was entered, before its first instruction; relative to the origin' },
    { name: 'operation', type: 'dictionary', unit: 'name', meaning: 'what the kernel was entered for' },
    { name: 'entry', type: 'dictionary', unit: 'name', meaning: 'where it was entered: system call stub or vector' },
    { name: 'from_mode', type: 'dictionary', unit: 'name', meaning: 'what ran before' },
    { name: 'user', type: 'int64', unit: 'clock', meaning: 'time outside the kernel since its last exit, idle loop included' },
    { name: 'duration', type: 'int64', unit: 'clock', meaning: 'time in the kernel' },
    { name: 'instructions', type: 'int32', unit: 'instructions', meaning: 'instructions in the kernel' },
    { name: 'loads', type: 'int32', unit: 'accesses', meaning: 'memory reads; 0 where they were not counted' },
    { name: 'stores', type: 'int32', unit: 'accesses', meaning: 'memory writes; 0 where they were not counted' },
    { name: 'mmio', type: 'int32', unit: 'accesses', meaning: 'device register accesses' },
    { name: 'port_in', type: 'int32', unit: 'accesses', meaning: 'I/O port reads' },
    { name: 'port_out', type: 'int32', unit: 'accesses', meaning: 'I/O port writes' },
    { name: 'cr3', type: 'int32', unit: 'writes', meaning: 'address space switches' },
    { name: 'wrmsr', type: 'int32', unit: 'writes', meaning: 'model-specific register writes' },
    { name: 'fxsave', type: 'int32', unit: 'times', meaning: 'FPU states saved' },
    { name: 'fxrstor', type: 'int32', unit: 'times', meaning: 'FPU states loaded' },
    { name: 'to_mode', type: 'dictionary', unit: 'name', meaning: 'what runs next' },
    { name: 'from', type: 'dictionary', unit: 'name', meaning: 'thread, or image:function, that was left' },
    { name: 'to', type: 'dictionary', unit: 'name', meaning: 'thread, or image:function, that runs next' },
    { name: 'path', type: 'dictionary', unit: 'name', meaning: 'way through the kernel: its functions in order, or the model\'s paths, joined by >' },
  ],
  dictionaries: { operation: [], entry: [], from_mode: MODES, to_mode: MODES, from: [], to: [], path: [] },
};

/** Places of the ledger trace's columns. */
export const LedgerColumn = { t: 0, duration: 1, cpu: 2, context: 3, path: 4, count: 5 } as const;
/** Context and path of idle time. */
export const IDLE_NAME = 'idle';

const LEDGER: TraceFormat = {
  kind: 'ledger',
  columns: [
    { name: 't', type: 'int64', unit: 'clock', meaning: 'when the slice began; relative to the origin' },
    { name: 'duration', type: 'int64', unit: 'clock', meaning: 'its length; slices of one processor do not overlap' },
    { name: 'cpu', type: 'int16', unit: 'number', meaning: 'processor' },
    { name: 'context', type: 'dictionary', unit: 'name', meaning: 'who ran: thread, interrupt, kernel operation; idle' },
    { name: 'path', type: 'dictionary', unit: 'name', meaning: 'what it did: the model\'s path, or a stack of functions, outermost first, joined by ;' },
    { name: 'count', type: 'int32', unit: 'times', meaning: 'how often the path was run back to back in this slice; samples that it stands for in a sampled profile' },
  ],
  dictionaries: { context: [{ name: IDLE_NAME, meaning: 'nothing to do' }], path: [{ name: IDLE_NAME, meaning: 'nothing to do' }] },
};

export const TRACE_FORMATS: Readonly<Record<TraceKind, TraceFormat>> = { wire: WIRE, hardware: HARDWARE, kernel: KERNEL, ledger: LEDGER };

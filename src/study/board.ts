import { Fingerprint } from '../events/fingerprint.ts';
import type { Simulator } from '../events/simulator.ts';
import { Core } from '../hw/core.ts';
import { Counters } from '../hw/counters.ts';
import { Hpet } from '../hw/hpet.ts';
import { I82574 } from '../hw/i82574.ts';
import type { InterruptOutput } from '../hw/interrupt-causes.ts';
import { IntxOutput, MsiOutput } from '../hw/interrupt-output.ts';
import { type InterruptRoute, IoApicRoute, LocalApicEnd, MsiRoute, PicRoute } from '../hw/interrupt-route.ts';
import { IoApic } from '../hw/ioapic.ts';
import { LocalApic } from '../hw/local-apic.ts';
import { MSIX_RECEIVE, MSIX_TRANSMIT, MsixCauses, type MsixEntry, MsixVector } from '../hw/msix.ts';
import type { PathTable } from '../hw/path.ts';
import { Pic } from '../hw/pic.ts';
import { Pit } from '../hw/pit.ts';
import { PortIo } from '../hw/port-io.ts';
import type { TransmitPort } from '../hw/transmit-ring.ts';
import type { System } from './system.ts';

/** PIC inputs and I/O APIC pins of the board; the NIC's PIC input is above 7 (BMK's stubs of the time cover only 9, 10, 11, 14 and 15). */
const NIC_IRQ = 11;
const TIMER_IRQ = 0;
export const NIC_PIN = 16;
const TIMER_PIN = 2;
/** Vectors: MSI of the NIC 54 (costs.md 4b); the timer in a class of its own above it. */
const NIC_VECTOR = 54;
/** MSI-X: the transmit vector; the receive vector is NIC_VECTOR. */
export const NIC_TX_VECTOR = 55;
const TIMER_VECTOR = 80;

/** An interrupt source as software sees it: what the controller reports, and how to handle it. */
export interface Source {
  /** PIC input or APIC vector. */
  readonly number: number;
  readonly route: InterruptRoute;
}

/** The hardware of a machine, put together; no software yet. */
export interface Board {
  readonly simulator: Simulator;
  readonly core: Core;
  readonly counters: Counters;
  readonly apic: LocalApic;
  readonly apicEnd: LocalApicEnd;
  readonly ports: PortIo;
  /** The 8259 pair, where the controller or the timer is wired to it. */
  readonly pic: Pic | null;
  readonly ioapic: IoApic;
  readonly nic: I82574;
  readonly nicSource: Source;
  /** The NIC's vectors, where it has one for each queue: receive at nicSource's number, transmit at NIC_TX_VECTOR. */
  readonly msix: MsixCauses | null;
  readonly timerSource: Source;
  /** The HPET, where it is the timer; else the PIT is, behind `ports`. */
  readonly hpet: Hpet | null;
}

/** Wires the parts of a system around a simulator; `paths`: see `pathsOf`. `transmit` is where the NIC's transmit side leads. */
export function buildBoard(system: System, paths: PathTable, simulator: Simulator, transmit: TransmitPort, oneByOne = false): Board {
  const core = new Core(simulator, paths, new Fingerprint(), oneByOne);
  const counters = new Counters();
  const apic = new LocalApic(core, simulator);
  const apicEnd = new LocalApicEnd(core, apic, counters, paths);
  const ports = new PortIo(core, counters);
  const ioapic = new IoApic(apic);
  const pic = system.controller === 'pic' || system.timer === 'pit' ? new Pic(core, paths, 1 << NIC_IRQ) : null;
  if (pic !== null) ports.attach(pic, paths);

  let output: InterruptOutput;
  let nicSource: Source;
  let msix: MsixCauses | null = null;
  switch (system.controller) {
    case 'pic':
      output = new IntxOutput(simulator, paths.ticks('intx.latency'), (high) => pic?.setLine(NIC_IRQ, high));
      nicSource = { number: NIC_IRQ, route: new PicRoute(ports, NIC_IRQ) };
      break;
    case 'ioapic':
      output = new IntxOutput(simulator, paths.ticks('intx.latency'), (high) => ioapic.setLine(NIC_PIN, high));
      nicSource = { number: NIC_VECTOR, route: new IoApicRoute(core, ioapic, apicEnd, counters, paths, NIC_PIN) };
      ioapic.route(NIC_PIN, NIC_VECTOR);
      break;
    case 'msix': {
      const latency = paths.ticks('msi.latency');
      const vector = (name: string, number: number, entry: MsixEntry): MsixVector => new MsixVector(name, number, entry, core, simulator, counters, new MsiOutput(simulator, latency, apic, number));
      msix = new MsixCauses(vector('rx', NIC_VECTOR, MSIX_RECEIVE), vector('tx', NIC_TX_VECTOR, MSIX_TRANSMIT));
      // The one interrupt for all causes; silent once the driver has its vectors.
      output = new MsiOutput(simulator, latency, apic, NIC_VECTOR);
      nicSource = { number: NIC_VECTOR, route: new MsiRoute(apicEnd) };
      break;
    }
    case 'msi':
      output = new MsiOutput(simulator, paths.ticks('msi.latency'), apic, NIC_VECTOR);
      nicSource = { number: NIC_VECTOR, route: new MsiRoute(apicEnd) };
      break;
  }
  // ITR holds no MSI-X message back: each vector has its own, EITR.
  const nic = new I82574(core, simulator, counters, paths, system.controller === 'msix' ? { ...system.nic, itr: 0 } : system.nic, output, transmit);

  let hpet: Hpet | null = null;
  let timerSource: Source;
  if (system.timer === 'pit') {
    ports.attach(new Pit(core, simulator, (high) => pic?.setLine(TIMER_IRQ, high), system.nic.emulated !== undefined), paths);
    timerSource = { number: TIMER_IRQ, route: new PicRoute(ports, TIMER_IRQ) };
  } else if (system.hpetDelivery === 'msi') {
    hpet = new Hpet(core, simulator, counters, paths, () => apic.accept(TIMER_VECTOR));
    timerSource = { number: TIMER_VECTOR, route: new MsiRoute(apicEnd) };
  } else {
    // Timer 0 raises its line on a match and the edge is enough: the entry is taken as edge triggered.
    hpet = new Hpet(core, simulator, counters, paths, () => {
      ioapic.setLine(TIMER_PIN, true);
      ioapic.setLine(TIMER_PIN, false);
    });
    timerSource = { number: TIMER_VECTOR, route: new IoApicRoute(core, ioapic, apicEnd, counters, paths, TIMER_PIN) };
    ioapic.route(TIMER_PIN, TIMER_VECTOR);
  }
  return { simulator, core, counters, apic, apicEnd, ports, pic, ioapic, nic, nicSource, msix, timerSource, hpet };
}

import type { Core } from './core.ts';
import type { Counters } from './counters.ts';
import { type PathTable, spend } from './path.ts';
import { ProbeEvent } from './probe.ts';
import { type Access, ANYWHERE, type Sequence } from './sequence.ts';

/** Ports of the devices on the system board; a PC has 65,536. */
const PORTS = 256;

/** A device with byte-wide I/O ports, below 256. */
export interface PortDevice {
  readonly name: string;
  readonly ports: readonly number[];
  readPort(port: number): number;
  writePort(port: number, value: number): void;
}

/**
 * Legacy port I/O. The core waits for every IN and OUT and takes no interrupt meanwhile (Intel SDM vol. 1, I/O: OUT is never buffered);
 * what an access costs depends on the device behind the port: costs `<device>.in` and `<device>.out`.
 */
export class PortIo {
  private readonly core: Core;
  private readonly counters: Counters;
  private readonly devices: (PortDevice | undefined)[] = Array.from({ length: PORTS });
  private readonly inPaths = new Int32Array(PORTS);
  private readonly outPaths = new Int32Array(PORTS);
  private readonly reads: number;
  private readonly writes: number;

  constructor(core: Core, counters: Counters) {
    this.core = core;
    this.counters = counters;
    this.reads = counters.define('port.read');
    this.writes = counters.define('port.write');
  }

  attach(device: PortDevice, paths: PathTable): void {
    for (const port of device.ports) {
      this.devices[port] = device;
      this.inPaths[port] = paths.define(`port/${device.name}/in`, spend(`${device.name}.in`));
      this.outPaths[port] = paths.define(`port/${device.name}/out`, spend(`${device.name}.out`));
    }
  }

  /** @throws RangeError for a port without a device. */
  in8(port: number): number {
    const device = this.device(port);
    this.counters.add(this.reads);
    this.core.stall(this.inPaths[port]!); // set with the device
    const value = device.readPort(port);
    this.core.probe?.event(ProbeEvent.portRead, device.name, port, value);
    return value;
  }

  out8(port: number, value: number): void {
    const device = this.device(port);
    this.counters.add(this.writes);
    this.core.stall(this.outPaths[port]!);
    this.core.probe?.event(ProbeEvent.portWrite, device.name, port, value);
    device.writePort(port, value);
  }

  /** What an access to a port takes, for who does it as part of a sequence. `value` and `written` are then what is left to do. @throws RangeError for a port without a device. */
  access(direction: 'in' | 'out', port: number): Access {
    this.device(port);
    return direction === 'in' ? { path: this.inPaths[port]!, counter: this.reads } : { path: this.outPaths[port]!, counter: this.writes }; // set with the device
  }

  /** Accesses in a row, in the context of whoever makes them. */
  sequence(...accesses: readonly (readonly [direction: 'in' | 'out', port: number])[]): Sequence {
    const all = accesses.map(([direction, port]) => this.access(direction, port));
    return this.core.defineSequence(ANYWHERE, all.map(({ path }) => path), this.counters, all.map(({ counter }) => counter));
  }

  /** Waits for a sequence of accesses as one. False: it cannot, and nothing has been done. Interrupts are off, or one might be taken between two of them. */
  done(sequence: Sequence): boolean {
    return !this.core.interruptsEnabled && this.core.runSequenceHere(sequence);
  }

  value(port: number): number {
    return this.device(port).readPort(port);
  }

  written(port: number, value: number): void {
    this.device(port).writePort(port, value);
  }

  private device(port: number): PortDevice {
    const device = this.devices[port];
    if (device === undefined) throw new RangeError(`no device at I/O port 0x${port.toString(16)}`);
    return device;
  }
}

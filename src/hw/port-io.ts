import type { Core } from './core.ts';
import type { Counters } from './counters.ts';
import { type PathTable, spend } from './path.ts';
import { ProbeEvent } from './probe.ts';
import { type Access, ANYWHERE, type Sequence } from './sequence.ts';

/** Ports of the devices on the system board; a PC has 65,536. */
const PORTS = 256;
/** A device behind none of them. Copied, since making it takes long. */
const NONE: readonly undefined[] = Array.from({ length: PORTS }, () => undefined);

/** What is behind a port, and what it costs to reach it. */
interface Port {
  readonly device: PortDevice;
  readonly inPath: number;
  readonly outPath: number;
}

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
  private readonly ports: (Port | undefined)[] = [...NONE];
  private readonly reads: number;
  private readonly writes: number;

  constructor(core: Core, counters: Counters) {
    this.core = core;
    this.counters = counters;
    this.reads = counters.define('port.read');
    this.writes = counters.define('port.write');
  }

  attach(device: PortDevice, paths: PathTable): void {
    const inPath = paths.define(`port/${device.name}/in`, spend(`${device.name}.in`));
    const outPath = paths.define(`port/${device.name}/out`, spend(`${device.name}.out`));
    for (const port of device.ports) this.ports[port] = { device, inPath, outPath };
  }

  /** @throws RangeError for a port without a device. */
  in8(port: number): number {
    const { device, inPath } = this.port(port);
    this.counters.add(this.reads);
    this.core.stall(inPath);
    const value = device.readPort(port);
    this.core.probe?.event(ProbeEvent.portRead, device.name, port, value);
    return value;
  }

  out8(port: number, value: number): void {
    const { device, outPath } = this.port(port);
    this.counters.add(this.writes);
    this.core.stall(outPath);
    this.core.probe?.event(ProbeEvent.portWrite, device.name, port, value);
    device.writePort(port, value);
  }

  /** What an access to a port takes, for who does it as part of a sequence. `value` and `written` are then what is left to do. @throws RangeError for a port without a device. */
  access(direction: 'in' | 'out', port: number): Access {
    const { inPath, outPath } = this.port(port);
    return direction === 'in' ? { path: inPath, counter: this.reads } : { path: outPath, counter: this.writes };
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
    return this.port(port).device.readPort(port);
  }

  written(port: number, value: number): void {
    this.port(port).device.writePort(port, value);
  }

  private port(number: number): Port {
    const port = this.ports[number];
    if (port === undefined) throw new RangeError(`no device at I/O port 0x${number.toString(16)}`);
    return port;
  }
}

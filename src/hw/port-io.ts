import type { Core } from './core.ts';
import type { Counters } from './counters.ts';
import { type PathTable, spend } from './path.ts';

/** A device with byte-wide I/O ports. */
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
  private readonly devices = new Map<number, PortDevice>();
  private readonly inPaths = new Map<number, number>();
  private readonly outPaths = new Map<number, number>();
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
      this.devices.set(port, device);
      this.inPaths.set(port, paths.define(`port/${device.name}/in`, spend(`${device.name}.in`)));
      this.outPaths.set(port, paths.define(`port/${device.name}/out`, spend(`${device.name}.out`)));
    }
  }

  /** @throws RangeError for a port without a device. */
  in8(port: number): number {
    const device = this.device(port);
    this.counters.add(this.reads);
    this.core.stall(this.inPaths.get(port) ?? 0);
    return device.readPort(port);
  }

  out8(port: number, value: number): void {
    const device = this.device(port);
    this.counters.add(this.writes);
    this.core.stall(this.outPaths.get(port) ?? 0);
    device.writePort(port, value);
  }

  private device(port: number): PortDevice {
    const device = this.devices.get(port);
    if (device === undefined) throw new RangeError(`no device at I/O port 0x${port.toString(16)}`);
    return device;
  }
}

import { describe, expect, test } from 'vitest';
import type { Tick } from '../../src/events/time.ts';
import { PIN_LAPIC } from '../../src/hw/core.ts';
import { PortIo } from '../../src/hw/port-io.ts';
import { Bench } from './bench.ts';

class PortBench extends Bench {
  readonly log: string[] = [];
  readonly ports = new PortIo(this.core, this.counters);
  readonly context = this.core.defineContext('program');

  constructor() {
    super();
    for (const [name, ports] of [['pic', [0x20, 0x21]], ['pit', [0x40]]] as const) {
      this.ports.attach({
        name,
        ports,
        readPort: (port) => {
          this.log.push(`${name} read ${port} at ${this.core.now}`);
          return port + 1;
        },
        writePort: (port, value) => {
          this.log.push(`${name} write ${port}=${value} at ${this.core.now}`);
        },
      }, this.paths);
    }
    this.core.powerOn();
    this.core.context = this.context;
  }
}

describe('port I/O', () => {
  test('reaches the device behind the port when its time has been paid', () => {
    const { ports, log } = new PortBench();
    expect(ports.in8(0x20)).toBe(0x21);
    ports.out8(0x21, 7);
    ports.out8(0x40, 8);
    expect(log).toEqual(['pic read 32 at 11000', 'pic write 33=7 at 23000', 'pit write 64=8 at 45000']);
  });

  test('is priced by device and direction, and counted', () => {
    const bench = new PortBench();
    bench.ports.in8(0x20);
    bench.ports.in8(0x21);
    bench.ports.in8(0x40);
    bench.ports.out8(0x20, 0);
    const accounts = ['port/pic/in', 'port/pic/out', 'port/pit/in', 'port/pit/out'].map((path) => bench.account('program', path));
    expect(accounts).toEqual([22_000, 12_000, 21_000, 0]);
    expect([bench.count('port.read'), bench.count('port.write')]).toEqual([3, 1]);
  });

  test('stalls the core: an interrupt waits for the access', () => {
    const bench = new PortBench();
    const taken: Tick[] = [];
    bench.core.onInterrupt = () => {
      taken.push(bench.core.now);
      bench.core.interruptRequest = 0;
    };
    bench.at(5_000, () => {
      bench.core.interruptRequest = PIN_LAPIC;
    });
    bench.core.enableInterrupts();
    bench.ports.in8(0x40);
    expect(taken).toEqual([21_000]);
  });

  test('at a port without a device is an error', () => {
    const { ports } = new PortBench();
    expect(() => ports.in8(0x80)).toThrow(new RangeError('no device at I/O port 0x80'));
    expect(() => ports.out8(0x80, 0)).toThrow(new RangeError('no device at I/O port 0x80'));
  });
});

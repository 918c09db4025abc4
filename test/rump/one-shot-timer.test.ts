import { describe, expect, test } from 'vitest';
import { MS, SECOND, type Tick, US } from '../../src/events/time.ts';
import { Hpet } from '../../src/hw/hpet.ts';
import { MACHINE_COSTS } from '../../src/hw/costs.ts';
import { Pit, PIT_HZ } from '../../src/hw/pit.ts';
import { PortIo } from '../../src/hw/port-io.ts';
import { RUMP_COSTS } from '../../src/rump/costs.ts';
import { DirectPitTimer, HpetTimer, Sel4PitTimer } from '../../src/rump/one-shot-timer.ts';
import { Bench } from '../hw/bench.ts';
import { KernelBench } from '../kernel/sel4/kernel-bench.ts';

const COUNT = SECOND / PIT_HZ;

class TimerBench extends Bench {
  readonly fired: Tick[] = [];
  readonly writes: string[] = [];
  readonly ports = new PortIo(this.core, this.counters);
  readonly context = this.core.defineContext('program');
  readonly pit = new Pit(this.core, this.simulator, (high) => {
    if (high) this.fired.push(this.simulator.now);
  });

  constructor() {
    super([...MACHINE_COSTS, ...RUMP_COSTS]);
    const write = this.pit.writePort.bind(this.pit);
    this.pit.writePort = (port, value) => {
      this.writes.push(`${port.toString(16)}=${value}`);
      write(port, value);
    };
    this.ports.attach(this.pit, this.paths);
  }

  powerOn(): void {
    this.core.powerOn();
    this.core.context = this.context;
  }
}

describe('the PIT on bare metal', () => {
  test('two OUTs: low byte, high byte; the count starts with the second one', () => {
    const bench = new TimerBench();
    const timer = new DirectPitTimer(bench.core, bench.ports, bench.counters);
    bench.powerOn();
    timer.program(10 * MS);
    // 11,931 counts.
    expect(bench.writes).toEqual(['40=155', '40=46']);
    expect([bench.count('port.write'), bench.count('port.read'), bench.count('timer.programmed')]).toEqual([2, 0, 1]);
    const begin = bench.core.now;
    bench.simulator.run(SECOND);
    expect(bench.fired).toEqual([begin + Math.round(11_931 * COUNT)]);
  });

  test('is not worth programming below 16 counts, 13.4 us', () => {
    const bench = new TimerBench();
    const { shortest } = new DirectPitTimer(bench.core, bench.ports, bench.counters);
    expect(shortest).toBe(Math.ceil(16 * COUNT));
    expect(shortest / US).toBeCloseTo(13.41, 2);
  });

  test('holds 65,535 counts, 54.9 ms: a longer delay is cut', () => {
    const bench = new TimerBench();
    const timer = new DirectPitTimer(bench.core, bench.ports, bench.counters);
    bench.powerOn();
    timer.program(SECOND);
    expect(bench.writes).toEqual(['40=255', '40=255']);
  });
});

describe('the PIT behind seL4', () => {
  test('three invocations: command (mode 0, low and high byte), low byte, high byte', () => {
    const writes: string[] = [];
    const bench = new KernelBench(({ core, counters, paths }) => {
      const ports = new PortIo(core, counters);
      ports.attach({ name: 'pit', ports: [0x40, 0x43], readPort: () => 0, writePort: (port, value) => writes.push(`${port.toString(16)}=${value}`) }, paths);
      return ports;
    }, RUMP_COSTS);
    const timer = new Sel4PitTimer(bench.core, bench.kernel, bench.counters);
    bench.thread('main', 1, function* () {
      timer.program(10 * MS);
      bench.kernel.wait(bench.notification());
      yield;
    });
    const log = bench.run();
    expect(writes).toEqual(['43=48', '40=155', '40=46']);
    expect(log.filter((line) => line.startsWith('kernel:ioport'))).toEqual(Array.from({ length: 3 }, () => ['stub/syscall/entry', 'sel4/ioport.out8', 'port/pit/out', 'stub/syscall/exit'].map((path) => `kernel:ioport: ${path}`)).flat());
    // The conversion comes first, in the thread's own time; any delay is programmed.
    expect(log[0]).toBe('main: sel4.pit-program');
    expect(timer.shortest).toBe(0);
  });
});

describe('the HPET', () => {
  function hpetBench(): { bench: TimerBench; timer: HpetTimer; accesses: string[] } {
    const bench = new TimerBench();
    const hpet = new Hpet(bench.core, bench.simulator, bench.counters, bench.paths, () => bench.fired.push(bench.simulator.now));
    const timer = new HpetTimer(bench.core, hpet, bench.counters);
    bench.powerOn();
    const accesses: string[] = [];
    const { stall } = bench.core;
    // Each access by itself.
    bench.core.fits = () => false;
    bench.core.stall = (path) => {
      accesses.push(bench.paths.path(path).name.replace('mmio/hpet/', ''));
      stall.call(bench.core, path);
    };
    return { bench, timer, accesses };
  }

  test('six reads and two writes: the counter, the comparator, the counter again', () => {
    const { bench, timer, accesses } = hpetBench();
    timer.program(10 * MS);
    expect(accesses).toEqual(['read', 'read', 'read', 'write', 'write', 'read', 'read', 'read']);
    expect([bench.count('mmio.hpet.read'), bench.count('mmio.hpet.write')]).toEqual([6, 2]);
  });

  test('interrupts when the delay is over, counted from the begin of its programming, and at the end of that at the earliest', () => {
    const { bench, timer } = hpetBench();
    bench.core.now = 5 * MS;
    timer.program(10 * MS);
    bench.simulator.run(30 * MS);
    expect(bench.fired).toHaveLength(1);
    expect((bench.fired[0] ?? 0) - 15 * MS).toBeGreaterThanOrEqual(0);
    expect((bench.fired[0] ?? 0) - 15 * MS).toBeLessThan(70_000);
    const { bench: late, timer: soon } = hpetBench();
    soon.program(1000);
    late.simulator.run(30 * MS);
    expect(late.fired).toHaveLength(1);
    expect(late.fired[0]).toBeLessThan(10 * US);
  });
});

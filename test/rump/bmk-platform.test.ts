import { describe, expect, test } from 'vitest';
import { MS, US } from '../../src/events/time.ts';
import { MACHINE_COSTS } from '../../src/hw/costs.ts';
import { PicRoute } from '../../src/hw/interrupt-route.ts';
import { LocalApic } from '../../src/hw/local-apic.ts';
import { Pic } from '../../src/hw/pic.ts';
import { Pit } from '../../src/hw/pit.ts';
import { PortIo } from '../../src/hw/port-io.ts';
import { BareMetal } from '../../src/kernel/bare-metal.ts';
import { BmkPlatform } from '../../src/rump/bmk-platform.ts';
import { RUMP_COSTS } from '../../src/rump/costs.ts';
import { DirectPitTimer } from '../../src/rump/one-shot-timer.ts';
import { Bench } from '../hw/bench.ts';

const NIC = 11;

class PlatformBench extends Bench {
  readonly log: string[] = [];
  readonly ports = new PortIo(this.core, this.counters);
  readonly pic = new Pic(this.core, this.paths, 1 << NIC);
  readonly platform: BmkPlatform;
  readonly context = this.core.defineContext('program');

  constructor() {
    super([...MACHINE_COSTS, ...RUMP_COSTS]);
    const { core, ports } = this;
    ports.attach(this.pic, this.paths);
    ports.attach(new Pit(core, this.simulator, (high) => this.pic.setLine(0, high)), this.paths);
    const machine = new BareMetal(core, this.pic, new LocalApic(core, this.simulator));
    this.platform = new BmkPlatform(core, machine, new DirectPitTimer(core, ports, this.counters), new PicRoute(ports, NIC), new PicRoute(ports, 0));
    this.platform.start(NIC, 0, () => this.log.push('nic'), () => this.log.push('timer'), () => this.log.push(`noted, interrupts ${core.interruptsEnabled ? 'on' : 'off'}`));
    const { in8, out8 } = ports;
    ports.in8 = (port) => {
      this.log.push(`in ${port.toString(16)}`);
      return in8.call(ports, port);
    };
    ports.out8 = (port, value) => {
      this.log.push(`out ${port.toString(16)}=${value.toString(16)}${core.interruptsEnabled ? ' with interrupts on' : ''}`);
      out8.call(ports, port, value);
    };
    core.powerOn();
    core.fits = () => false;
    core.context = this.context;
  }
}

describe('blocking the CPU on bare metal', () => {
  test('programs two bytes, idles until an interrupt, and comes back with interrupts off', () => {
    const bench = new PlatformBench();
    bench.platform.splhigh();
    expect(bench.platform.cpuBlock(10 * MS)).toBe(true);
    expect(bench.log.map((line) => line.replace(/=.*/, ''))).toEqual(['out 40', 'out 40', 'timer', 'out 20']);
    expect(bench.core.interruptsEnabled).toBe(false);
    expect(bench.core.ledger.idle).toBeGreaterThan(9.9 * MS);
    // The timer is not early, and late by no more than its own programming and a count.
    expect(bench.core.now - 10 * MS).toBeGreaterThanOrEqual(0);
    expect(bench.core.now - 10 * MS).toBeLessThan(7 * US);
  });

  test('does nothing when it is too late', () => {
    const bench = new PlatformBench();
    bench.core.now = MS;
    bench.platform.splhigh();
    expect(bench.platform.cpuBlock(MS)).toBe(true);
    expect([bench.log, bench.core.ledger.idle, bench.core.interruptsEnabled, bench.account('program', 'idle.exit')]).toEqual([[], 0, false, 0]);
  });

  test('lets interrupts in for a moment when the delay is below 16 counts, without programming', () => {
    const bench = new PlatformBench();
    bench.platform.splhigh();
    bench.pic.setLine(NIC, true);
    expect(bench.platform.cpuBlock(13 * US)).toBe(true);
    expect(bench.log).toEqual(['nic', 'noted, interrupts off']);
    expect([bench.core.ledger.idle, bench.core.interruptsEnabled]).toEqual([0, false]);
  });

  test('does not idle when an interrupt was waiting to be let in', () => {
    const bench = new PlatformBench();
    bench.platform.splhigh();
    bench.at(1000, () => bench.pic.setLine(NIC, true));
    bench.platform.cpuBlock(10 * MS);
    expect(bench.log.slice(2)).toEqual(['nic', 'noted, interrupts off']);
    expect(bench.core.ledger.idle).toBe(0);
  });
});

describe('interrupts on bare metal', () => {
  test("the NIC's is noted without a port access; it is ended, both chips, when the batch is done, with interrupts off", () => {
    const bench = new PlatformBench();
    bench.at(1000, () => bench.pic.setLine(NIC, true));
    bench.core.enableInterrupts();
    bench.core.idle();
    expect(bench.log.splice(0)).toEqual(['nic', 'noted, interrupts off']);
    bench.platform.handled();
    expect(bench.log).toEqual([]);
    bench.pic.setLine(NIC, false);
    bench.platform.drained();
    expect(bench.log).toEqual(['out a0=20', 'out 20=20']);
    expect(bench.core.interruptsEnabled).toBe(true);
  });

  test('one that waits for that end comes in with it', () => {
    const bench = new PlatformBench();
    bench.at(1000, () => bench.pic.setLine(NIC, true));
    bench.core.enableInterrupts();
    bench.core.idle();
    bench.log.splice(0);
    bench.platform.drained();
    expect(bench.log).toEqual(['out a0=20', 'out 20=20', 'nic', 'noted, interrupts off']);
  });

  test("the timer's is ended at once, with one write", () => {
    const bench = new PlatformBench();
    bench.at(1000, () => bench.pic.setLine(0, true));
    bench.core.enableInterrupts();
    bench.core.idle();
    expect(bench.log).toEqual(['timer', 'out 20=20']);
  });
});

import { describe, expect, test } from 'vitest';
import type { Tick } from '../../src/events/time.ts';
import { IntxOutput, MsiOutput } from '../../src/hw/interrupt-output.ts';
import { LocalApic } from '../../src/hw/local-apic.ts';
import { Bench } from './bench.ts';

const LATENCY = 400;

describe('INTx', () => {
  function bench(): { bench: Bench; output: IntxOutput; line: [Tick, boolean][] } {
    const bench = new Bench();
    const line: [Tick, boolean][] = [];
    return { bench, line, output: new IntxOutput(bench.simulator, LATENCY, (high) => line.push([bench.simulator.now, high])) };
  }

  test('rises a message later and falls at once', () => {
    const { bench: { simulator }, output, line } = bench();
    output.raise(1000);
    simulator.run(2000);
    output.lower();
    expect(line).toEqual([[1400, true], [2000, false]]);
  });

  test('taken back under way never rises', () => {
    const { bench: { simulator }, output, line } = bench();
    output.raise(1000);
    simulator.run(1399);
    output.lower();
    simulator.run(9999);
    expect(line).toEqual([[1399, false]]);
  });
});

describe('MSI', () => {
  function bench(): { bench: Bench; output: MsiOutput; messages: [Tick, number][] } {
    const bench = new Bench();
    const apic = new LocalApic(bench.core, bench.simulator);
    const messages: [Tick, number][] = [];
    apic.accept = (vector) => messages.push([bench.simulator.now, vector]);
    return { bench, messages, output: new MsiOutput(bench.simulator, LATENCY, apic, 54) };
  }

  test('is one message, a latency later, and nothing takes it back', () => {
    const { bench: { simulator }, output, messages } = bench();
    output.raise(1000);
    output.lower();
    simulator.run(2000);
    output.raise(2000);
    simulator.run(3000);
    expect(messages).toEqual([[1400, 54], [2400, 54]]);
  });

  test('merges with one still under way', () => {
    const { bench: { simulator }, output, messages } = bench();
    output.raise(1000);
    simulator.run(1300);
    output.raise(1300);
    simulator.run(3000);
    expect(messages).toEqual([[1400, 54]]);
  });
});

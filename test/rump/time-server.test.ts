import { describe, expect, test } from 'vitest';
import { MS, type Tick, US } from '../../src/events/time.ts';
import { ProbeEvent } from '../../src/hw/probe.ts';
import { simulateRecording, type RecordedInput } from '../../src/study/icount.ts';

const NOTHING = new Float64Array(0);
/** 250 ms without a frame. */
const IDLE: RecordedInput = {
  controller: 'ioapic', timer: 'hpet', nsPerInstruction: 4, itr: 0, descriptors: 4096, receiveBuffer: 32768, window: { from: 0, to: 250e6 }, frames: { t: NOTHING, bytes: NOTHING, payload: NOTHING, offset: NOTHING },
};

interface TimerEvent {
  readonly at: Tick;
  readonly what: 'set' | 'fires';
}

function timerEvents(input: RecordedInput): TimerEvent[] {
  const found: TimerEvent[] = [];
  const device = input.timer;
  simulateRecording(input, ({ core, simulator }) => {
    core.probe = {
      event: (code, from) => {
        if (from !== device) return;
        if (code === ProbeEvent.timerProgram) found.push({ at: core.now, what: 'set' });
        if (code === ProbeEvent.timerExpire) found.push({ at: simulator.now, what: 'fires' });
      },
      frames: () => {},
    };
  });
  return found;
}

describe('an idle machine', () => {
  test.each([['ioapic', 'hpet', 3 + 3 + 3], ['pic', 'pit', 0]] as const)('sets the timer once for each tick of the rump kernel\'s clock, which is slow by a thousandth: %s', (controller, timer, reads) => {
    const input: RecordedInput = { ...IDLE, controller, timer };
    const events = timerEvents(input).slice(4, 44);
    const fires = events.filter(({ what }) => what === 'fires').map(({ at }) => at);
    expect(events.filter(({ what }) => what === 'set').length).toBe(fires.length);
    const ticks = fires.slice(1).map((at, index) => at - (fires[index] ?? 0)).filter((gap) => gap > 9 * MS);
    for (const gap of ticks) expect(Math.abs(gap - 10.01 * MS)).toBeLessThan(15 * US);
    const { entries, counters } = simulateRecording(input);
    // The request reads the clock, setting the comparator reads it back, and so does the interrupt's handler.
    expect((counters['mmio.hpet.read'] ?? 0) / entries.irq_timer.entries).toBeCloseTo(reads, 0);
    expect(entries.Call_slow.entries).toBeLessThanOrEqual(entries.irq_timer.entries + 2);
  });
});

test('when frames keep the machine waking up, later requests move the timeout a little later: it fires early, nothing is due, and it is set again', () => {
  const count = 250;
  const column = (value: (index: number) => number): Float64Array => Float64Array.from({ length: count }, (_, index) => value(index));
  const input: RecordedInput = { ...IDLE, frames: { t: column((i) => (i + 1) * 1e6), bytes: column(() => 1514), payload: column(() => 1460), offset: column((i) => i * 1460) } };
  const { entries } = simulateRecording(input);
  const ticks = 250 / 10.01;
  // Recorded: 193 to 199 interrupts a second for 99.9 ticks at 10 to 60 Mb/s, 101 in idle.
  expect(entries.irq_timer.entries / ticks).toBeGreaterThan(1.8);
  expect(entries.irq_timer.entries / ticks).toBeLessThan(2.1);
  const signals = entries.Signal.entries - entries.irq_nic.entries;
  expect(Math.abs(signals - ticks)).toBeLessThan(3);
});

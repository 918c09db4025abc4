import { describe, expect, test } from 'vitest';
import { MS, SECOND } from '../../src/events/time.ts';
import { UptimeInstrument } from '../../src/study/instrument-uptime.ts';
import { Bench } from '../hw/bench.ts';

function reading(from: number, to: number, idleFrom: number, idleTo: number): number {
  const bench = new Bench();
  const kernel = { idleJiffies: idleFrom };
  const instrument = new UptimeInstrument(bench.core, kernel, 4 * MS);
  bench.simulator.run(from);
  instrument.begin();
  kernel.idleJiffies = idleTo;
  bench.simulator.run(to);
  return instrument.read();
}

describe('/proc/uptime', () => {
  test('jiffies of 4 ms against the time that passed', () => expect(reading(1 * SECOND, 2 * SECOND, 0, 200)).toBeCloseTo(0.2, 12));
  // 3 jiffies are 12 ms, shown as 0.01 s; 6 are 24 ms, shown as 0.02 s.
  test('both ends are cut to 10 ms', () => expect(reading(0, 100 * MS, 3, 6)).toBeCloseTo(0.9, 12));
  test('the uptime too: 1.009 s to 2.001 s is 1.00 s to 2.00 s', () => expect(reading(1009 * MS, 2001 * MS, 0, 125)).toBeCloseTo(0.5, 12));
  test('a window shorter than its unit reads 0', () => expect(reading(1 * MS, 9 * MS, 0, 1)).toBe(0));
});

import { describe, expect, test } from 'vitest';
import { defaultCosts } from '../../../src/study/cost-tables.ts';
import { CpTimeInstrument } from '../../../src/study/instrument-cp-time.ts';
import { type Scenario, simulate } from '../../../src/study/simulate.ts';
import { SYSTEMS } from '../../../src/study/system.ts';
import { Streams } from '../../../src/events/random.ts';
import { SECOND } from '../../../src/events/time.ts';
import { CP_IDLE, CP_SYS } from '../../../src/kernel/netbsd/level.ts';

const NETBSD = SYSTEMS.find(({ name }) => name === 'netbsd');
if (NETBSD === undefined) throw new Error('no preset netbsd');
const costs = defaultCosts();

function run(controller: 'pic' | 'ioapic' | 'msi' | 'msix', loadMbps: number, more: Partial<Scenario> = {}) {
  return simulate({ system: { ...NETBSD!, controller }, loadMbps, pacing: 'fq', duration: 0.6, warmup: 0.2, seed: 1, run: 0, ...more }, costs); // checked above
}

describe.each(['pic', 'ioapic', 'msi', 'msix'] as const)('with %s', (controller) => {
  test.each([180, 900])('at %i Mb/s the load is carried and every cycle is in one account', (loadMbps) => {
    const result = run(controller, loadMbps);
    // A window cuts one TSO burst at each end: 2 x 65,160 B in 0.4 s are 2.6 Mb/s.
    expect(Math.abs(result.throughputMbps - loadMbps)).toBeLessThan(2.7 + 0.001 * loadMbps);
    expect(result.counters['frames.dropped']).toBe(0);
    expect(BigInt(result.ticks.busy) + BigInt(result.ticks.idle)).toBe(BigInt(result.ticks.elapsed));
    const accounts = Object.values(result.breakdown).reduce((sum, share) => sum + share, 0);
    expect(accounts).toBeCloseTo(result.utilisation, 12);
    expect(result.counters['interrupts.timer']).toBe(40);
  });

  test('the same scenario gives the same digits, another run others', () => {
    const once = run(controller, 360);
    expect(run(controller, 360)).toEqual(once);
    expect(run(controller, 360, { run: 1 }).fingerprint).not.toBe(once.fingerprint);
  });
});

test('MSI-X reads no NIC register and writes its mask twice an interrupt; the others read ICR twice or more', () => {
  const msix = run('msix', 540).counters;
  expect(msix['mmio.nic.read']).toBe(0);
  const tails = (msix['tcp.segments'] ?? NaN) + (msix['tcp.acks'] ?? NaN);
  // Frames taken but not yet through TCP at the window's ends, at most a ring each.
  expect(Math.abs((msix['mmio.nic.write'] ?? NaN) - tails - 2 * (msix['interrupts.nic'] ?? NaN))).toBeLessThan(256);
  for (const controller of ['pic', 'ioapic', 'msi'] as const) {
    const { counters } = run(controller, 540);
    expect(counters['mmio.nic.read']).toBeGreaterThanOrEqual(2 * (counters['interrupts.nic'] ?? NaN) - 1);
  }
});

test('ITR bounds the interrupts of INTx and MSI, not those of MSI-X', () => {
  // 384 us apart: 2,604 a second; receive and transmit delay timers alone allow twice that.
  for (const controller of ['pic', 'ioapic', 'msi'] as const) expect(run(controller, 900).counters['interrupts.nic']).toBeLessThanOrEqual(Math.ceil(0.4 / 384e-6));
  expect(run('msix', 900).counters['interrupts.nic']).toBeGreaterThan(Math.ceil(0.4 / 384e-6));
});

test('the PIC costs four OUTs an interrupt and no IN; the PM timer is read twice an idle span', () => {
  const { counters } = run('pic', 360);
  expect(Math.abs((counters['port.write'] ?? NaN) - 4 * (counters['interrupts.nic'] ?? NaN))).toBeLessThanOrEqual(4);
  expect(run('msix', 360).counters['port.write']).toBe(0);
});

test('no page table is loaded: with one process the kernel runs on borrowed ones', () => {
  expect(Object.keys(run('msix', 360).breakdown).filter((account) => account.includes('cr3'))).toEqual([]);
});

describe('cp_time', () => {
  test('the deviation of a reading is the binomial one: 1.45 points at 30 % over 1,000 samples', () => {
    const stream = new Streams(7, 0).stream('samples');
    const readings: number[] = [];
    for (let i = 0; i < 400; i++) {
      const instrument = new CpTimeInstrument();
      instrument.begin();
      for (let k = 0; k < 1000; k++) instrument.sample(stream.uniform() < 0.3 ? CP_SYS : CP_IDLE);
      readings.push(instrument.read(10 * SECOND, 0));
    }
    const mean = readings.reduce((a, b) => a + b, 0) / readings.length;
    const deviation = Math.sqrt(readings.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (readings.length - 1));
    // Standard errors: of the mean 0.0145 / 20, of the deviation 0.0145 / sqrt(800); four of each.
    expect(Math.abs(mean - 0.3)).toBeLessThan(4 * 0.000725);
    expect(Math.abs(deviation - Math.sqrt(0.3 * 0.7 / 1000))).toBeLessThan(4 * 0.000512);
  });

  test('work that the tick itself sets going is never sampled', () => {
    // No load: all there is comes from the clock, so the reading is zero although the machine is busy now and then.
    const instrument = new CpTimeInstrument();
    instrument.begin();
    expect(instrument.read(SECOND, SECOND)).toBe(0);
    const quiet = simulate({ system: NETBSD!, loadMbps: 1, pacing: 'even', duration: 1, warmup: 0.5, seed: 3, run: 0 }, costs); // checked above
    expect(quiet.utilisation).toBeGreaterThan(0);
    expect(quiet.counters['interrupts.timer']).toBe(50);
  });

  test('over phases of the clock the readings average to the share outside the idle lwp, whose own work counts as idle', () => {
    const readings: number[] = [];
    const outside: number[] = [];
    const truths: number[] = [];
    for (let k = 0; k < 24; k++) {
      const result = run('msix', 540, { duration: 1.2, run: k });
      readings.push(result.utilisationMeasured);
      truths.push(result.utilisation);
      outside.push(Object.entries(result.breakdown).reduce((sum, [account, share]) => (account.startsWith('netbsd:idle/') ? sum : sum + share), 0));
    }
    const mean = (values: number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
    // 24 readings of 100 samples: standard error sqrt(0.12 * 0.88 / 2400) = 0.0066 if independent; against a paced load they come in groups of one phase, 24 of them: 0.066 / sqrt(24) at the worst.
    expect(Math.abs(mean(readings) - mean(outside))).toBeLessThan(2 * 0.0134);
    expect(mean(outside)).toBeLessThan(mean(truths));
  });
});

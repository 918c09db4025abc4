import { expect, test } from 'vitest';
import { Ledger } from '../../src/hw/ledger.ts';

test('accounts are addressed by context and path, and add up', () => {
  const ledger = new Ledger(new Float64Array(3), ['kernel', 'user']);
  expect(ledger.ticks).toHaveLength(6);
  // Account (context, path) is context * 3 + path.
  ledger.ticks[2] = 5;
  ledger.ticks[3] = 7;
  ledger.idle = 100;
  expect(ledger.busy()).toBe(12);
});

test('a snapshot is not moved by what comes after it', () => {
  const ledger = new Ledger(new Float64Array(1), ['kernel']);
  ledger.ticks[0] = 1;
  ledger.idle = 2;
  const before = ledger.snapshot();
  ledger.ticks[0] = 10;
  ledger.idle = 20;
  expect([before.ticks[0], before.idle]).toEqual([1, 2]);
  expect([ledger.snapshot().ticks[0], ledger.snapshot().idle]).toEqual([10, 20]);
});

import { describe, expect, test } from 'vitest';
import { MS, US } from '../../../src/events/time.ts';
import { EntryLog, LOG_ENTRIES } from '../../../src/kernel/sel4/entry-log.ts';
import { OPERATIONS, outsideHooks } from '../../../src/kernel/sel4/operation.ts';
import { KernelBench, TICK_VECTOR } from './kernel-bench.ts';

const SEND = OPERATIONS.indexOf('send');
const RECV = OPERATIONS.indexOf('recv');

describe("the kernel's log", () => {
  test('holds 65,536 entries: 1 MiB of 16 bytes; further ones are counted and lost', () => {
    expect(LOG_ENTRIES).toBe((1 << 20) / 16);
    const log = new EntryLog();
    for (let i = 0; i < LOG_ENTRIES + 100; i++) log.record(i % 2 === 0 ? SEND : RECV, 10, i);
    expect(log.total).toBe(LOG_ENTRIES + 100);
    expect([log.logged[SEND], log.logged[RECV]]).toEqual([5 * LOG_ENTRIES, 5 * LOG_ENTRIES]);
    expect(log.filledAt).toBe(LOG_ENTRIES - 1);
  });

  test('counts several entries at once only where it is full', () => {
    const log = new EntryLog();
    for (let i = 0; i < LOG_ENTRIES - 1; i++) log.record(SEND, 10, i);
    expect([log.pass(3), log.total]).toEqual([false, LOG_ENTRIES - 1]);
    log.record(SEND, 10, LOG_ENTRIES);
    expect([log.pass(3), log.total, log.filledAt]).toEqual([true, LOG_ENTRIES + 3, LOG_ENTRIES]);
  });

  test('is empty after a clear', () => {
    const log = new EntryLog();
    log.record(SEND, 10, 5);
    log.clear();
    expect([log.total, log.filledAt, ...log.logged].every((number) => number === 0)).toBe(true);
  });
});

test('every entry is logged once with the time between the hooks: bodies and device accesses, not the stubs', () => {
  const bench = new KernelBench();
  const { kernel, core } = bench;
  const n = bench.notification();
  const handler = bench.irq(0x50, n);
  bench.thread('high', 2, function* () {
    for (;;) {
      if (!kernel.wait(n)) yield;
      kernel.acknowledge(handler);
      kernel.signal(bench.notification());
    }
  });
  bench.thread('main', 1, function* () {
    for (let i = 0; i < 1000; i++) core.run(bench.work);
    kernel.wait(bench.notification());
    yield;
  });
  for (let tick = 20 * US; tick < 900 * US; tick += 37 * US) bench.raiseAt(tick, 0x50);
  bench.apic.startTimer(TICK_VECTOR, 10 * US, 100 * US);
  bench.run(MS - 1);

  const inside = OPERATIONS.map(() => 0);
  const { ledger, paths } = core;
  for (const [context, name] of ledger.contexts.entries()) {
    const operation = OPERATIONS.findIndex((candidate) => name === `kernel:${candidate}`);
    if (operation < 0) continue;
    for (let path = 0; path < ledger.width; path++) {
      if (!outsideHooks(paths.path(path).name)) inside[operation] = (inside[operation] ?? 0) + (ledger.ticks[context * ledger.width + path] ?? 0);
    }
  }
  expect([...kernel.log.logged]).toEqual(inside);
  const counted = OPERATIONS.map((operation) => bench.counters.values[bench.counters.names.indexOf(`kernel.${operation}`)]);
  expect(kernel.log.total).toBe(counted.reduce((sum: number, count) => sum + (count ?? 0), 0));
  expect(counted.every((count, operation) => (count ?? 0) > 0 || OPERATIONS[operation] === 'ioport')).toBe(true);
});

test('outside the hooks lie the stubs and the acknowledge cycle of the PIC, nothing else', () => {
  expect(['stub/syscall/entry', 'stub/interrupt/exit', 'pic/inta'].map(outsideHooks)).toEqual([true, true, true]);
  expect(['sel4/tick', 'port/pic/out', 'mmio/lapic/eoi', 'mmio/ioapic/write'].map(outsideHooks)).toEqual([false, false, false, false]);
});

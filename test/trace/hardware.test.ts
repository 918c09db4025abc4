import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { simulate } from '../../src/study/simulate.ts';
import { SYSTEMS } from '../../src/study/system.ts';
import { TraceReader } from '../../src/trace/reader.ts';
import { COSTS, receiveSide, recorded, scenario, systemNamed } from './runs.ts';
import { folder } from './traces.ts';

const file = join(folder(), 'hardware.arrow');

interface Row {
  readonly t: number;
  readonly kind: string;
  readonly device: string;
  readonly address: number;
  readonly value: number;
}

function rowsOf(path: string): Row[] {
  const reader = new TraceReader(path, { kind: 'hardware' });
  const rows: Row[] = [];
  for (let batch = reader.next(); batch !== null; batch = reader.next()) {
    const { t, rows: count } = batch;
    const [kind, device, address, value] = [batch.codes('kind'), batch.codes('device'), batch.integers('address'), batch.integers('value')];
    for (let row = 0; row < count; row++) {
      rows.push({ t: t[row]!, kind: reader.names('kind')[kind[row]!] ?? '', device: reader.names('device')[device[row]!] ?? '', address: address[row]!, value: value[row]! });
    }
  }
  return rows;
}

function count(rows: readonly Row[], wanted: Partial<Row>): number {
  return rows.filter((row) => Object.entries(wanted).every(([key, value]) => row[key as keyof Row] === value)).length;
}

/** An access is counted when it begins and in the trace when it is done: one, or a few that are priced as one, may straddle the end. */
function expectNear(traced: number, counted = 0): void {
  expect(counted - traced).toBeGreaterThanOrEqual(0);
  expect(counted - traced).toBeLessThanOrEqual(2);
}

describe.each(SYSTEMS.map(({ name }) => name))('the hardware trace of %s', (name) => {
  const run = scenario({ system: systemNamed(name), loadMbps: 540, duration: 0.1 });
  const { result } = recorded(run, { hardware: file });
  const rows = rowsOf(file);
  const { counters } = result;
  const { controller } = run.system;
  const pic = controller === 'pic';
  const nicNumber = pic ? 11 : 54;
  const deliveredBy = pic ? 'pic' : 'lapic';

  test('changes nothing in the run', () => {
    expect(receiveSide(result)).toEqual(receiveSide(simulate(run, COSTS)));
  });

  test('counts what the run counts', () => {
    expect(count(rows, { kind: 'dma-write' })).toBe(counters['frames.in']);
    expect(rows.filter(({ kind }) => kind === 'dma-write').reduce((sum, { value }) => sum + value, 0)).toBe(counters['bytes.in']);
    expect(count(rows, { kind: 'irq-raise', device: 'nic' })).toBe(counters['nic.interrupts']);
    expectNear(count(rows, { kind: 'port-read' }), counters['port.read']);
    expectNear(count(rows, { kind: 'port-write' }), counters['port.write']);
    expectNear(count(rows, { kind: 'mmio-read', device: 'nic' }), counters['mmio.nic.read']);
    expectNear(count(rows, { kind: 'mmio-write', device: 'nic' }), counters['mmio.nic.write']);
    expectNear(count(rows, { kind: 'mmio-write', device: 'nic', address: 0xe8 }), counters['nic.eitr-writes']);
    expectNear(count(rows, { kind: 'mmio-read', device: 'hpet' }), counters['mmio.hpet.read']);
    expectNear(count(rows, { kind: 'mmio-write', device: 'hpet' }), counters['mmio.hpet.write']);
    expectNear(count(rows, { kind: 'mmio-read', device: 'ioapic' }), counters['mmio.ioapic.read']);
    expectNear(count(rows, { kind: 'mmio-write', device: 'ioapic' }), counters['mmio.ioapic.write']);
    expectNear(count(rows, { kind: 'mmio-write', device: 'lapic' }), counters['mmio.lapic.write']);
    expect(count(rows, { kind: 'mmio-write', device: 'nic', address: 0x3818 })).toBe(counters['frames.out']);
    expectNear(count(rows, { kind: 'irq-deliver', device: deliveredBy, value: nicNumber }) - 1, counters['interrupts.nic']);
    expect(rows.length).toBeGreaterThan(1000);
  });

  test('has every interrupt of the NIC raised, then delivered, then ended, and the next one after that', () => {
    const steps: string[] = [];
    const wrong: string[] = [];
    let raised = 0;
    let messages = 0;
    let delivered = 0;
    for (const { t, kind, device, value } of rows) {
      if (kind === 'irq-raise' && device === 'nic') raised++;
      if (kind === 'msi' && value === nicNumber) messages++;
      if (device !== deliveredBy || value !== nicNumber || (kind !== 'irq-deliver' && kind !== 'eoi')) continue;
      steps.push(kind);
      if (kind !== 'irq-deliver') continue;
      delivered++;
      // A level that holds is delivered again without being raised again; a message is not.
      if (raised === 0 || (!pic && messages < delivered) || (controller === 'msi' && raised < delivered)) wrong.push(`delivered at ${t} and not raised before`);
    }
    expect(wrong).toEqual([]);
    expect(steps).toEqual(Array.from({ length: steps.length }, (_, index) => (index % 2 === 0 ? 'irq-deliver' : 'eoi')));
    expect(delivered).toBeGreaterThan(10);
  });

  test('announces data after they are in memory, and the driver reads the cause after that', () => {
    const first = (kind: string): number => rows.findIndex((row) => row.kind === kind && (row.device === 'nic' || (row.device === deliveredBy && row.value === nicNumber)));
    // A driver whose messages say enough reads no cause.
    const last = counters['mmio.nic.read'] === 0 ? [] : ['mmio-read'];
    const places = ['dma-write', 'irq-raise', 'irq-deliver', ...last].map(first);
    expect(places).not.toContain(-1);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
  });

  test('has every timer expire when it was programmed to, unless it was programmed anew', () => {
    const device = rows.find(({ kind }) => kind === 'timer-program')?.device;
    let due: number | null = null;
    let expired = 0;
    const wrong: string[] = [];
    for (const row of rows) {
      if (row.device !== device) continue;
      if (row.kind === 'timer-program') due = row.t + row.value;
      // A new command stops the PIT's channel.
      if (device === 'pit' && row.kind === 'port-write' && row.address === 0x43) due = null;
      if (row.kind !== 'timer-expire') continue;
      if (row.t !== due) wrong.push(`expired at ${row.t}, due at ${due}`);
      due = null;
      expired++;
    }
    expect(wrong).toEqual([]);
    // Rumprun programs its one-shot timer on every idle entry; a kernel with a periodic tick does not.
    expect(expired > 0).toBe(systemNamed(name).timer === device);
  });
});

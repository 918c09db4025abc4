import { describe, expect, test } from 'vitest';
import type { DeviceAccess } from '../../../src/study/validate/device-accesses.ts';
import type { KernelEntry } from '../../../src/study/validate/kernel-entries.ts';
import { type Evidence, setupOf } from '../../../src/study/validate/setup.ts';

const entry: KernelEntry = { t: 100, user: 10, from: 'U', op: 'irq_3b', instructions: 5, to: 'U', left: 'rump:a', next: 'rump:a' };
const access = (register: DeviceAccess['register'], value: number): DeviceAccess => ({ t: 1, kind: 'mmio-write', register, value });
const tails = (most: number): DeviceAccess[] => Array.from({ length: 600 }, (_, i) => access('nic.rdt', i % (most + 1)));

function evidence(change: Partial<Evidence> & { config?: string } = {}): Evidence {
  const { config = 'ioapic-hpet', ...rest } = change;
  return { folder: '/nowhere/plain/p040', summary: { config, label: 'p040', offsetNs: null }, entries: [entry], accesses: tails(4095), nsPerInstruction: 4, wireFromStart: false, ...rest };
}

describe('the throttle', () => {
  test.each([
    ['what the summary says goes first', evidence({ summary: { config: 'ioapic-hpet@itr0', sc_itr: 1500, offsetNs: null } }), 1500],
    ['then the configuration', evidence({ config: 'ioapic-hpet@itr700', accesses: [...tails(255), access('nic.itr', 9)] }), 700],
    ['then a write to the register', evidence({ folder: '/nowhere/a-itr5/p040', accesses: [...tails(255), access('nic.itr', 9)] }), 9],
    ['then the nearest folder that names one', evidence({ folder: '/nowhere/b-itr9/a-itr1500/p040' }), 1500],
    ['then the ring: numbers above 255 are of the patched driver', evidence({ accesses: tails(4000) }), 0],
    ['and a ring that goes round at 255 of the other', evidence({ accesses: tails(255) }), 1500],
  ])('%s', (_what, given, itr) => {
    expect(setupOf(given).itr.value).toBe(itr);
  });

  test('a ring of which little was seen says nothing', () => {
    expect(setupOf(evidence({ accesses: tails(255).slice(0, 100) })).descriptors).toMatchObject({ value: 4096, from: expect.stringContaining('not known') });
  });
});

test('controller and timer come from the configuration, else from what happened', () => {
  expect(setupOf(evidence({ config: 'pic-pit' }))).toMatchObject({ controller: { value: 'pic' }, timer: { value: 'pit' } });
  expect(setupOf(evidence({ config: 'x', entries: [{ ...entry, op: 'irq_36' }] }))).toMatchObject({ controller: { value: 'msi' }, timer: { value: 'hpet' } });
  expect(() => setupOf(evidence({ config: 'x', entries: [{ ...entry, op: 'tick' }] }))).toThrow(/controller/);
});

test.each([[['-w', '64K'], 65536], [['-w', '1M'], 1 << 20], [[], 32768]])('the receive buffer of a client with %j is %i', (extra, bytes) => {
  expect(setupOf(evidence({ summary: { config: 'msi-hpet', conditions: { client_extra: extra }, offsetNs: null } })).receiveBuffer.value).toBe(bytes);
});

test('an instruction is 2^shift nanoseconds', () => {
  expect(setupOf(evidence({ summary: { config: 'msi-hpet', conditions: { icount: 'shift=1,sleep=on' }, offsetNs: null } })).nsPerInstruction.value).toBe(2);
});

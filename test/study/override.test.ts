import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { defaultCosts } from '../../src/study/cost-tables.ts';
import { override, overrideAll } from '../../src/study/override.ts';
import { PARAMETERS } from '../../src/study/parameter.ts';
import { STATIC_THROTTLE, SYSTEMS, type System } from '../../src/study/system.ts';
import { UserError } from '../../src/study/user-error.ts';

const costs = defaultCosts();

function preset(name = 'bmk'): System {
  const system = SYSTEMS.find((candidate) => candidate.name === name);
  if (system === undefined) throw new Error(`no preset ${name}`);
  return system;
}

/** Linux's own settings need Linux. */
function set(key: string, value: string): System {
  return override({ system: preset(key.startsWith('linux.') ? 'linux' : 'bmk'), costs }, key, value, 'here').system;
}

describe('registers', () => {
  test.each(['itr', 'rdtr', 'radv', 'tidv', 'tadv'] as const)('%s takes counts, times and rates', (name) => {
    const unit = name === 'itr' ? 256 : 1024;
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 65535 }), (count) => {
        const expected = { ...STATIC_THROTTLE, [name]: count };
        for (const text of [`${count}`, `${count * unit}ns`, `${(count * unit) / 1e3}us`, `${1e9 / (count * unit)}/s`]) expect(set(`nic.${name}`, text).nic).toEqual(expected);
      }),
    );
  });

  test('no text gives a value outside the register', () => {
    const units = fc.constantFrom('', 'ns', 'us', 'ms', 's', '/s', 'x');
    const fits = (text: string): boolean => {
      try {
        const { itr } = set('nic.itr', text).nic;
        return Number.isInteger(itr) && itr >= 0 && itr <= 65535;
      } catch (error) {
        return error instanceof UserError;
      }
    };
    fc.assert(fc.property(fc.double({ noNaN: true }), units, (number, unit) => fits(`${number}${unit}`)));
  });

  test('the throttle sets all five to the same time, as the driver does', () => {
    // 20,000 interrupts/s are 50 us: 195 units of 256 ns, 48 whole units of 1.024 us (wm(4): itr / 4).
    expect(set('nic.throttle', '20000/s').nic).toEqual({ ...STATIC_THROTTLE, itr: 195, rdtr: 48, radv: 48, tidv: 48, tadv: 48 });
    expect(set('nic.throttle', '384us').nic).toEqual(STATIC_THROTTLE);
    expect(set('nic.throttle', '0').nic).toEqual({ ...STATIC_THROTTLE, itr: 0, rdtr: 0, radv: 0, tidv: 0, tadv: 0 });
  });

  test('0 turns a register off; a time too short for it does not', () => {
    expect(set('nic.radv', '0us').nic.radv).toBe(0);
    expect(() => set('nic.radv', '0.5us')).toThrow(/1024 ns/);
  });
});

describe('other settings', () => {
  test.each([
    ['nic.rxDescriptors', '4096', (system: System) => system.nic.rxDescriptors, 4096],
    ['nic.rxBufferBytes', '16KiB', (system: System) => system.nic.rxBufferBytes, 16384],
    ['socket.bufferBytes', '65536', (system: System) => system.socket.bufferBytes, 65536],
    ['socket.autosize', 'false', (system: System) => system.socket.autosize, false],
    ['socket.windowScale', '0', (system: System) => system.socket.windowScale, 0],
    ['socket.blockBytes', '4096bytes', (system: System) => system.socket.blockBytes, 4096],
    ['kernel', 'sel4', (system: System) => system.kernel, 'sel4'],
    ['controller', 'msi', (system: System) => system.controller, 'msi'],
    ['timer', 'hpet', (system: System) => system.timer, 'hpet'],
    ['hpetDelivery', 'ioapic', (system: System) => system.hpetDelivery, 'ioapic'],
  ])('%s=%s', (key, value, read, expected) => {
    const changed = set(key, value);
    expect(read(changed)).toBe(expected);
    expect(read(preset())).not.toBe(expected);
  });

  test.each([
    ['nic.rxDescriptors', ['0', '4', '12', '4104', '256.5', '256us']],
    ['nic.rxBufferBytes', ['0', '41000', '16kB']],
    ['socket.windowScale', ['-1', '15', '3x']],
    ['socket.autosize', ['yes', '1', '']],
    ['kernel', ['windows', 'SEL4']],
  ])('%s refuses %j', (key, values) => {
    for (const value of values) expect(() => set(key, value)).toThrow(UserError);
  });

  test('every setting has a meaning and says what it takes, and messages name the place, the value and that', () => {
    for (const { key, means, takes } of PARAMETERS) {
      expect(means).not.toBe('');
      expect(() => set(key, 'nonsense')).toThrow(/^here: .*'nonsense'/);
      expect(() => set(key, '-3')).toThrow(UserError);
      expect(takes).not.toBe('');
    }
  });
});

describe('costs', () => {
  test('take a unit that fits, and keep what the table said', () => {
    const changed = override({ system: preset(), costs }, 'cost.hpet.read', '0.4us', 'here').costs.row('hpet.read');
    const before = costs.row('hpet.read');
    expect(changed).toMatchObject({ value: 400, kind: 'estimate', low: Math.min(before.low, 400), high: before.high });
    expect(changed.source).toContain(before.source);
  });

  test('only the one that is named changes', () => {
    const changed = override({ system: preset(), costs }, 'cost.cpi.kernel', '2', 'here').costs;
    expect(changed.rows().filter((row) => row.value !== costs.value(row.id)).map(({ id }) => id)).toEqual(['cpi.kernel']);
  });

  test.each([
    ['cost.hpet.raed', '1', '\'hpet.read\''],
    ['cost.hpet.read', '3 furlongs', 'ns'],
    ['cost.hpet.read', '-1', 'negative'],
    ['cost.hpet.read', '1s', '400..1200 ns'],
    ['cost.cpu.frequency', '0', 'less than'],
    ['cost.load.sendWindow', '100', 'less than'],
    ['cost.load.block', '1000.5', 'whole number'],
    ['cost.cpi.sched', '0', 'less than'],
    ['cost.insn.sel4.tick', '50', 'insn.sel4.stub'],
    ['cost.insn.sel4.stub', '1000', 'without its stubs'],
  ])('%s=%s is refused', (key, value, says) => {
    expect(() => override({ system: preset(), costs }, key, value, 'here')).toThrow(says);
  });
});

test('assignments apply in their order: a register after the throttle keeps its own value', () => {
  const of = (...texts: string[]): System => overrideAll({ system: preset(), costs }, texts, '--set').system;
  expect(of('nic.throttle=0', 'nic.radv=8').nic).toMatchObject({ itr: 0, radv: 8 });
  expect(of('nic.radv=8', 'nic.throttle=0').nic).toMatchObject({ itr: 0, radv: 0 });
});

test('parts that no driver has together are refused when all is set', () => {
  const of = (...texts: string[]): System => overrideAll({ system: preset(), costs }, texts, '--set').system;
  expect(of('controller=msix', 'kernel=netbsd')).toMatchObject({ kernel: 'netbsd', controller: 'msix' });
  expect(() => of('controller=msix')).toThrow(/pic, ioapic or msi/);
  expect(() => of('kernel=linux')).toThrow(/controller=msix/);
});

test('Linux takes its own throttle and sleep state', () => {
  const of = (...texts: string[]): System => overrideAll({ system: preset('linux'), costs }, texts, '--set').system;
  expect(of('linux.throttle=8000/s', 'linux.sleep=c1').linux).toEqual({ throttle: 8000, sleep: 'c1' });
  expect(of('linux.throttle=0').linux).toMatchObject({ throttle: 0, sleep: 'menu' });
  for (const text of ['linux.throttle=50', 'linux.throttle=fast', 'linux.sleep=c2']) expect(() => of(text)).toThrow(UserError);
});

test('an unknown key is told with the nearest setting or cost', () => {
  expect(() => set('nic.trottle', '0')).toThrow(/did you mean 'nic\.throttle'/);
  expect(() => set('Nic.ITR', '0')).toThrow(/did you mean 'nic\.itr'/);
  expect(() => set('pit.out', '1us')).toThrow(/did you mean 'cost\.pit\.out'/);
});

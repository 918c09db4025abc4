import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cost, CostError, CostTable } from '../../src/hw/cost.ts';
import { bytes, execute, oncePerTable, PathTable, spend, type Step } from '../../src/hw/path.ts';
import { BENCH_COSTS } from './bench.ts';

function paths(): PathTable {
  return new PathTable(new CostTable(BENCH_COSTS));
}

/** Costs for a core whose cycle is not a whole number of ticks, as 3.4 GHz. */
function pathsAt(megahertz: number): PathTable {
  return new PathTable(new CostTable(BENCH_COSTS).with('cpu.frequency', megahertz));
}

describe('the price of a path', () => {
  test('instructions by the figure of their group, cycles and bytes as they are, time by the clock', () => {
    const table = paths();
    const price = (...steps: Step[]): number => table.path(table.define(`p${table.size}`, ...steps)).ticks / 1000;
    expect(price(execute('kernel', 'insn.work'))).toBe(10 * 2);
    expect(price(execute('driver', 'insn.work'))).toBe(10 * 3);
    expect(price(execute('driver', 'insn.work', 4))).toBe(10 * 4 * 3);
    expect(price(spend('hundred', 3))).toBe(300);
    expect(price(bytes('per.byte', 1448))).toBe(362);
    // 500 ns are 500 cycles at 1 GHz.
    expect(price(spend('nic.dma'))).toBe(500);
    expect(price(execute('kernel', 'insn.work'), spend('ten'), bytes('per.byte', 4))).toBe(20 + 10 + 1);
    expect(price()).toBe(0);
  });

  test('time does not depend on the clock, cycles do', () => {
    const table = pathsAt(2000);
    expect(table.ticks('nic.dma')).toBe(500_000);
    expect(table.ticks('ten')).toBe(5_000);
  });

  test('is rounded to ticks once, not step by step', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 20 }), fc.integer({ min: 900, max: 4000 }), (times, megahertz) => {
        const table = pathsAt(megahertz);
        const path = table.path(table.define('p', ...times.map((n) => spend('ten', n))));
        const exact = (times.reduce((sum, n) => sum + 10 * n, 0) * 1e6) / megahertz;
        expect(Math.abs(path.ticks - exact)).toBeLessThanOrEqual(0.5 + 1e-6);
      }),
    );
  });

  test('at 3.4 GHz a cycle is 294.117... ps', () => {
    const table = pathsAt(3400);
    expect(table.path(table.define('one', spend('ten', 0.1))).ticks).toBe(294);
    expect(table.path(table.define('many', spend('ten', 340))).ticks).toBe(1_000_000);
  });

  test('counts instructions, those taken off too', () => {
    const table = paths();
    const id = table.define('p', execute('kernel', 'insn.work', 3), execute('driver', 'insn.work', -1), spend('ten'), bytes('per.byte', 9));
    expect(table.path(id)).toMatchObject({ name: 'p', instructions: 20, ticks: (3 * 20 - 30 + 10 + 2.25) * 1000 });
  });

  test('per byte, for a length known only at run time', () => {
    expect(paths().ticksPerByte('per.byte')).toBe(250);
    expect(() => paths().ticksPerByte('ten')).toThrow(new CostError('cost ten is in cycles, not in cycles/byte'));
  });
});

describe('a table of paths', () => {
  test('numbers them from 0 and gives a shared path one number', () => {
    const table = paths();
    const a = table.define('a', spend('ten'));
    const b = table.define('b', spend('hundred'));
    expect([a, b, table.define('a', spend('ten')), table.size]).toEqual([0, 1, 0, 2]);
  });

  test('refuses the same name for other steps', () => {
    const table = paths();
    table.define('a', spend('ten'));
    expect(() => table.define('a', spend('hundred'))).toThrow(new CostError('path a is defined twice with different steps'));
    expect(() => table.define('a', spend('ten'), spend('ten'))).toThrow(CostError);
    expect(() => table.define('a', spend('ten', 2))).toThrow(CostError);
  });

  test('refuses what has no price in time', () => {
    expect(() => paths().define('a', spend('size'))).toThrow(new CostError('cost size is in bytes and cannot be a step of a path'));
    expect(() => paths().define('a', spend('none'))).toThrow(new CostError('there is no cost named none'));
    expect(() => paths().define('a', execute('app', 'insn.work'))).toThrow(new CostError('there is no cost named cpi.app'));
    expect(() => paths().path(0)).toThrow(new CostError('there is no path 0'));
  });

  test('is for one machine: another clock, another price', () => {
    const rows = BENCH_COSTS.filter((row) => row.id !== 'cpu.frequency');
    const table = new PathTable(new CostTable([...rows, cost('cpu.frequency', 4000, 'MHz', [4000, 4000], 'estimate', 'test')]));
    expect(table.cycleTicks).toBe(250);
    expect(table.cycles(spend('nic.dma'))).toBe(2000);
  });

  test('is complete once a machine has been put together: names are enough then, and none is new', () => {
    const table = paths();
    const a = table.define('a', spend('ten'));
    expect(table.known('a')).toBeUndefined();
    table.seal();
    expect([table.known('a'), table.known('b')]).toEqual([a, undefined]);
    expect(table.define('a', spend('ten'))).toBe(a);
    expect(() => table.define('b', spend('ten'))).toThrow(new CostError("path b is not one of this composition's"));
  });

  test('what follows from it is made once for each', () => {
    let made = 0;
    const sum = oncePerTable((table) => ({ size: table.size, number: made++ }));
    const [one, other] = [paths(), paths()];
    one.define('a', spend('ten'));
    expect([sum(one), sum(other), sum(one)]).toEqual([{ size: 1, number: 0 }, { size: 0, number: 1 }, { size: 1, number: 0 }]);
  });
});

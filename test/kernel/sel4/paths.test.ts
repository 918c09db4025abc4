import { describe, expect, test } from 'vitest';
import { CostTable } from '../../../src/hw/cost.ts';
import { MACHINE_COSTS } from '../../../src/hw/costs.ts';
import { PathTable } from '../../../src/hw/path.ts';
import { SEL4_COSTS } from '../../../src/kernel/sel4/costs.ts';
import { kernelPaths } from '../../../src/kernel/sel4/paths.ts';

const paths = new PathTable(new CostTable([...MACHINE_COSTS, ...SEL4_COSTS]));
const kernel = kernelPaths(paths);

/** Instructions of seL4 16.0.0 (6e7c3b733), ia32 release, threads with the FPU off, as counted in sel4-paths.csv, row by row: without entry and exit it is 60 fewer. */
const COUNTED: readonly (readonly [path: string, instructions: number])[] = [
  ['signal.no-waiter', 418], ['signal.active', 410], ['wait.pending', 280], ['ioport.out8', 475], ['tick', 124], ['tick.slice-over', 336],
  ['irq.ioapic.no-waiter', 233], ['irq.ioapic.no-switch', 525], ['irq.pic.no-waiter', 228], ['irq.msi.no-waiter', 188], ['ack.ioapic', 517], ['ack.pic', 487], ['ack.msi', 472],
];

describe("the kernel's paths", () => {
  test.each(COUNTED)('%s is the counted path less entry and exit', (name, instructions) => {
    const path = paths.path(pathId(`sel4/${name}`));
    expect(path.instructions).toBe(instructions - 60);
    expect(path.ticks).toBe(Math.round((instructions - 60) * paths.costs.value('cpi.kernel') * paths.cycleTicks));
  });

  test('an FPU that is off saves its switch: 6 instructions of every path with a thread switch counted with it on', () => {
    // Rows with the FPU on: 601, 604, 490, 493, 427, 430, 422, 425, 382.
    const counted = [['signal.switch-same', 601], ['signal.switch-other', 604], ['wait.switch-same', 490], ['wait.switch-other', 493], ['irq.ioapic.switch-same', 427],
      ['irq.ioapic.switch-other', 430], ['irq.pic.switch-same', 422], ['irq.pic.switch-other', 425], ['irq.msi.switch-same', 382]] as const;
    expect(counted.map(([name]) => [name, paths.path(pathId(`sel4/${name}`)).instructions])).toEqual(counted.map(([name, withFpu]) => [name, withFpu - 6 - 60]));
  });

  test('no path is spent twice: each case of each entry has its own', () => {
    const controllers = Object.values(kernel.interrupt);
    const ids = [
      ...Object.values(kernel).filter((value): value is number => typeof value === 'number'),
      ...Object.values(kernel.signal),
      // Whether the notification was active was not told apart.
      ...controllers.flatMap(({ noWaiter, noSwitch, switchSame, switchOther, ack }) => [noWaiter, noSwitch, switchSame, switchOther, ack]),
    ];
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toHaveLength(15 + 3 * 5);
    expect(controllers.map(({ active }) => active)).toEqual(controllers.map(({ noWaiter }) => noWaiter));
  });

  test('device accesses are not in them: the accesses of a controller are paid where they are made', () => {
    const accesses: [string, string[]][] = [];
    for (let id = 0; id < paths.size; id++) {
      const { name, steps } = paths.path(id);
      if (name.startsWith('sel4/')) accesses.push([name, steps.filter((step) => step.act === 'spend').map((step) => step.cost)]);
    }
    expect(accesses.length).toBeGreaterThan(20);
    expect(accesses).toEqual(accesses.map(([name]) => [name, name.endsWith('-other') ? ['cr3.write'] : []]));
  });
});

function pathId(name: string): number {
  for (let id = 0; id < paths.size; id++) if (paths.path(id).name === name) return id;
  throw new Error(`no path ${name}`);
}

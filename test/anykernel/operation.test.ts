import { describe, expect, test } from 'vitest';
import { counted, operation } from '../../src/anykernel/operation.ts';
import { cost, CostTable } from '../../src/hw/cost.ts';
import { PathTable, spend } from '../../src/hw/path.ts';

const paths = new PathTable(new CostTable([
  cost('cpu.frequency', 1000, 'MHz', [1000, 1000], 'estimate', 'test'),
  cost('cpi.driver', 2, 'cycles/instruction', [1, 3], 'estimate', 'test'),
  cost('cpi.sched', 1, 'cycles/instruction', [1, 3], 'estimate', 'test'),
  cost('insn.op.driver', 30, 'instructions', [30, 30], 'measured', 'test'),
  cost('insn.op.sched', 7, 'instructions', [7, 7], 'measured', 'test'),
  cost('insn.operation.driver', 1000, 'instructions', [1000, 1000], 'measured', 'test'),
  cost('access', 5, 'cycles', [5, 5], 'estimate', 'test'),
]));

describe('an operation', () => {
  test('is what was counted for it in every code group, and its accesses', () => {
    expect(paths.path(operation(paths, 'op', spend('access')))).toMatchObject({ instructions: 37, ticks: (30 * 2 + 7 + 5) * 1000 });
    expect(counted(paths, 'op').map((step) => step.cost)).toEqual(['insn.op.driver', 'insn.op.sched']);
  });

  test('of which nothing was counted is an error', () => {
    expect(() => operation(paths, 'o')).toThrow('no instruction count for operation o');
  });
});

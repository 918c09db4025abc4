import { OPERATIONS } from '../../kernel/sel4/operation.ts';
import { over } from '../points.ts';
import type { RunResult } from '../simulate.ts';
import { type ClaimDefinition, compare, every, type PartDefinition, type Scene } from './claim.ts';
import { kernelPart, type Reading } from './reading.ts';

/** Bounds as the text has them. */
export const UNDER = 0.003;
export const HALF = [0.4, 0.6] as const;

const USER_TIMER = ['sel4-ioapic', 'sel4-msi'] as const;

/** By how much I/O ports are ahead of the largest other activity, as a part of kernel time. */
export function portLead(run: RunResult, reading: Reading): number {
  const others = OPERATIONS.filter((operation) => operation !== 'ioport');
  return kernelPart(run, reading, ['ioport']) - Math.max(...others.map((operation) => kernelPart(run, reading, [operation])));
}

/** The part that receiving, delivering and acknowledging interrupts takes. */
export function interruptPart(run: RunResult, reading: Reading): number {
  return kernelPart(run, reading, ['irq-deliver', 'irq-ack']);
}

function part(text: string, system: string, checks: PartDefinition['checks']): PartDefinition {
  return { text, systems: [system], at: 'each load', needed: every, checks };
}

function counter(scene: Scene, system: string, name: string): (bound: { relation: '<=' | '>'; value: number }) => ReturnType<typeof compare> {
  return ({ relation, value }) => compare(`${name} of ${system}`, over(scene.point(system), (run) => run.counters[name] ?? 0), relation, value);
}

/** The paper's sentences on its figure 5. Kernel time is what lies inside the paper's hooks. */
export const FIG5_CLAIMS: readonly ClaimDefinition[] = [
  {
    id: 'F5.1', source: 'paper 5.2', kind: 'consistent', unit: 'share of kernel',
    text: 'With the PIC, I/O port operations are the longest task: k(sel4-pic, ioport) is the largest of the activities',
    parts: () => [part('k(sel4-pic, ioport) is the largest', 'sel4-pic', ({ point, reading }) => [
      compare('k(sel4-pic, ioport) less the largest other', over(point('sel4-pic'), (run) => portLead(run, reading)), '>', 0),
    ])],
  },
  {
    id: 'F5.2', source: 'paper 5.2', kind: 'consistent', unit: 'share of kernel',
    text: 'Receiving, delivering and acknowledging interrupts is about half: k(sel4-pic, irq-deliver) + k(sel4-pic, irq-ack) in 40..60 %',
    parts: () => [part('interrupts take 40..60 % of k(sel4-pic)', 'sel4-pic', ({ point, reading }) => {
      const summary = over(point('sel4-pic'), (run) => interruptPart(run, reading));
      const what = 'k(sel4-pic, irq-deliver + irq-ack)';
      return [compare(what, summary, '>=', HALF[0]), compare(what, summary, '<=', HALF[1])];
    })],
  },
  {
    id: 'F5.3', source: 'paper 5.2', kind: 'consistent', unit: 'share',
    text: 'With HPET and IOAPIC or MSI the kernel takes under 0.3 % of the CPU: k(sel4-ioapic) < 0.3 %, k(sel4-msi) < 0.3 %',
    note: 'The kernel paths are counted instructions of a 2026 kernel times cpi.kernel; an interrupt from idle makes five entries (delivery, acknowledgement, signal, two receives), and the I/O APIC adds register writes to mask and unmask the line, so the bound is met only where interrupts are few.',
    parts: () => USER_TIMER.map((system) => part(`k(${system}) < 0.3 %`, system, ({ point, reading }) => [
      compare(`k(${system})`, over(point(system), (run) => reading.kernel(run)), '<', UNDER),
    ])),
  },
  {
    id: 'F5.4', source: 'paper 5.2', kind: 'structural', unit: 'share',
    text: 'There the rest is send and receive system calls: with IOAPIC and MSI no I/O port time at all, and send + recv > 0',
    parts: () => USER_TIMER.map((system) => part(`${system}: no I/O port time, send and receive calls`, system, ({ point, reading }) => [
      compare(`k(${system}, ioport)`, over(point(system), (run) => reading.operation(run, 'ioport')), '<=', 0),
      compare(`k(${system}, send + recv)`, over(point(system), (run) => reading.operation(run, 'send') + reading.operation(run, 'recv')), '>', 0),
    ])),
  },
  {
    id: 'F5.5', source: 'paper 5.2', kind: 'structural', unit: 'entries',
    text: 'The HPET is reached by MMIO from user level: no kernel entry is made to program it with IOAPIC and MSI',
    parts: () => USER_TIMER.map((system) => part(`${system} programs its timer without kernel entries`, system, (scene) => [
      counter(scene, system, 'kernel.ioport')({ relation: '<=', value: 0 }),
      counter(scene, system, 'timer.programmed')({ relation: '>', value: 0 }),
    ])),
  },
];

import { describe, expect, test } from 'vitest';
import { differenceFlameGraph, flameGraph } from '../../src/chart/flame-graph.ts';
import { flameLayout, type Stack } from '../../src/chart/flame-layout.ts';
import { render } from '../../src/chart/render.ts';

const STACKS: readonly Stack[] = [
  { frames: ['rump', 'isr', 'wm.intr'], value: 4, before: 1 },
  { frames: ['rump', 'isr'], value: 2, before: 2 },
  { frames: ['rump', 'iperf'], value: 3, before: 5 },
  { frames: ['kernel'], value: 1, before: 0 },
];

describe('layout', () => {
  const boxes = flameLayout('busy', STACKS);
  const box = (name: string) => boxes.find((found) => found.name === name)!;

  test('a box has the sum of what is above it, in both runs', () => {
    expect(box('busy')).toMatchObject({ value: 10, before: 8 });
    expect(box('isr')).toMatchObject({ value: 6, before: 3, path: 'busy > rump > isr', depth: 2 });
  });

  test('children lie inside their parent and do not overlap', () => {
    for (const child of boxes.filter(({ depth }) => depth > 0)) {
      const parent = boxes.find(({ path }) => path === child.path.split(' > ').slice(0, -1).join(' > '))!;
      expect(child.from).toBeGreaterThanOrEqual(parent.from);
      expect(child.to).toBeLessThanOrEqual(parent.to);
      const others = boxes.filter((other) => other !== child && other.depth === child.depth);
      expect(others.some((other) => other.from < child.to && other.to > child.from)).toBe(false);
    }
  });

  test('a box that one run lacks keeps its width in the other', () => {
    expect(box('kernel').to - box('kernel').from).toBe(1);
    expect(box('iperf').to - box('iperf').from).toBe(5);
  });
});

test.each([['a flame graph', flameGraph], ['a difference flame graph', differenceFlameGraph]])('%s draws every box that can be seen, without a warning', async (_what, draw) => {
  const { svg, warnings } = await render(draw(STACKS, { title: 'A run', unit: '% of CPU time', root: 'busy' }));
  expect(warnings).toEqual([]);
  for (const name of ['busy', 'rump', 'isr', 'wm.intr', 'iperf', 'kernel']) expect(svg).toContain(`>${name}<`);
});

test('nothing is drawn from nothing', async () => {
  const { warnings } = await render(differenceFlameGraph([], { title: 'Nothing', unit: 'ms', root: 'busy' }));
  expect(warnings).toEqual([]);
});

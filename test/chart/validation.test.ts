import { expect, test } from 'vitest';
import { render } from '../../src/chart/render.ts';
import { type RatioRow, ratioPlot } from '../../src/chart/validation.ts';

const row = (quantity: string, ratio: number): RatioRow => ({ row: quantity, of: 'a recording', ratio, aim: 0.02, verdict: Math.abs(ratio - 1) <= 0.02 ? 'within the aim' : 'outside', predicted: 100 * ratio, recorded: 100 });

test('each quantity has a row, a ratio beyond the axis stands at its edge with a mark', async () => {
  const { svg, warnings } = await render(ratioPlot([row('busy share', 1), row('ticks', 1.01), row('ticks', 7), row('Wait', 0.1)], 400));
  expect(warnings).toEqual([]);
  expect(['busy share', 'ticks', 'Wait', '›', '‹', 'predicted / recorded'].filter((text) => !svg.includes(`>${text}<`))).toEqual([]);
});

test('the band is the aim, as wide on both sides of one on the logarithmic axis', () => {
  expect(JSON.stringify(ratioPlot([row('busy share', 1)], 400))).toContain(`"low":${1 / 1.02},"high":1.02`);
});

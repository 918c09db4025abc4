import { describe, expect, test } from 'vitest';
import { overTime } from '../../src/chart/over-time.ts';
import { render } from '../../src/chart/render.ts';

const BUSY = { title: 'CPU utilisation (%)', series: [{ name: 'bmk', values: [10, 20, 30, 20] }] };
const WIRE = { title: 'on the wire (Mb/s)', series: [{ name: 'rx-data', values: [100, 200, 300, 200] }, { name: 'tx-ack', values: [1, 2, 3, 2] }] };

describe('quantities over time', () => {
  test('every panel has its unit, its series and one time axis, without a warning', async () => {
    const { svg, warnings } = await render(overTime([BUSY, WIRE], { description: 'd', interval: 0.25, ignored: 0.5, width: 400 }));
    expect(warnings).toEqual([]);
    expect(['CPU utilisation (%)', 'on the wire (Mb/s)', 'rx-data', 'tx-ack', 'ignored', 'time (ms)'].filter((text) => !svg.includes(`>${text}<`))).toEqual([]);
  });

  test.each([[1e-6, 'time (µs)'], [1e-3, 'time (µs)'], [0.01, 'time (ms)'], [1, 'time (s)']])('intervals of %d s are told in a unit that fits', async (interval, unit) => {
    const { svg } = await render(overTime([BUSY], { description: 'd', interval, width: 300 }));
    expect(svg.includes(`>${unit}<`)).toBe(true);
  });

  test('a value holds for its whole interval, the last one too', () => {
    const text = JSON.stringify(overTime([BUSY], { description: 'd', interval: 1, width: 300 }));
    expect(text).toContain('{"name":"bmk","value":20,"at":3},{"name":"bmk","value":20,"at":4}');
  });

  test('nothing is drawn from nothing', async () => {
    const { warnings } = await render(overTime([{ title: 'x', series: [] }], { description: 'd', interval: 1, width: 300 }));
    expect(warnings).toEqual([]);
  });
});

import { compile, type TopLevelSpec } from 'vega-lite';
import { describe, expect, test } from 'vitest';
import { figures } from '../../src/chart/figures.ts';
import { render } from '../../src/chart/render.ts';
import { PointSet } from '../../src/study/points.ts';
import type { ReferencePoint } from '../../src/study/reference.ts';
import { figureResults } from '../study/results.ts';

const REFERENCE: readonly ReferencePoint[] = [{ system: 'bmk', loadMbps: 900, utilisation: 0.3 }, { system: 'netbsd', loadMbps: 540, utilisation: 0.35 }];
const small = new PointSet(figureResults());
const wide = new PointSet(figureResults([180, 360, 540, 720, 900], ['fq', 'onoff', 'even'], 5, 0.02));

const cases: [string, PointSet, readonly ReferencePoint[]][] = [
  ['deviations smaller than the markers', small, []],
  ['wide deviations', wide, []],
  ['points of the paper', small, REFERENCE],
  ['a single run a point', new PointSet(figureResults([180, 900], ['fq'], 1)), []],
  ['one point of an interrupted run', new PointSet(figureResults([900], ['fq']).filter(({ system }) => system === 'sel4-pic')), []],
];

describe.each(cases)('with %s', (_what, points, reference) => {
  const specs = [...figures(points, reference)];

  test('all three figures are there', () => {
    expect(specs.map(([name]) => name)).toEqual(['fig4', 'fig5', 'fig5-loads']);
  });

  test.each(specs)('%s is vega-lite without a warning, and the same bytes when drawn again', async (_name, spec) => {
    const first = await render(spec);
    const second = await render(spec);
    expect(first.warnings).toEqual([]);
    expect(second.svg).toBe(first.svg);
    expect(Buffer.from(second.png).equals(Buffer.from(first.png))).toBe(true);
    expect(Buffer.from(first.png).subarray(1, 4).toString()).toBe('PNG');
    expect(JSON.parse(first.spec)).toMatchObject({ $schema: 'https://vega.github.io/schema/vega-lite/v6.json' });
    expect(first.svg).not.toMatch(/NaN|undefined/);
  });

  test.each(specs)('%s: every number axis has a title with its unit', (_name, spec) => {
    const titles = numberAxisTitles(spec);
    expect(titles.length).toBeGreaterThan(0);
    for (const title of titles) expect(title).toMatch(/\((%|% points|% of CPU|Mb\/s( of TCP payload)?)\)|^% of CPU time$/);
  });
});

describe('Fig 4', () => {
  test('draws an error bar of one deviation each way where it is wider than the marker, and none where it is not', () => {
    const bars = (points: PointSet): unknown[] => find(figures(points, []).get('fig4'), (node) => isMark(node, 'rule')).flatMap((node) => valuesOf(node));
    expect(bars(small)).toEqual([]);
    const drawn = bars(wide) as { system: string; load: number; mean: number; low: number; high: number }[];
    const bmk = drawn.find(({ system, load }) => system === 'bmk' && load === 900);
    // Five runs 2 points apart: sd = 2 sqrt(2.5).
    expect((bmk?.high ?? 0) - (bmk?.mean ?? 0)).toBeCloseTo(2 * Math.sqrt(2.5), 6);
    expect((bmk?.mean ?? 0) - (bmk?.low ?? 0)).toBeCloseTo(2 * Math.sqrt(2.5), 6);
  });

  test('tells the systems apart without colour: each has a shape of its own', () => {
    const compiled = JSON.stringify(compile(spec('fig4')).spec);
    const shapes = /"name":"shape","type":"ordinal","domain":(\[[^\]]*\]),"range":(\[[^\]]*\])/.exec(compiled);
    const range = JSON.parse(shapes?.[2] ?? '[]') as string[];
    expect(range).toHaveLength(4);
    expect(new Set(range).size).toBe(4);
  });

  test('has the paper\'s points as hollow diamonds in per cent', () => {
    const layers = find(figures(small, REFERENCE).get('fig4'), (node) => isMark(node, 'point') && (node['mark'] as { filled?: boolean }).filled === false);
    expect(layers.flatMap((node) => valuesOf(node))).toContainEqual(expect.objectContaining({ load: 540, mean: 35 }));
  });
});

describe('Fig 5', () => {
  test('stacks every operation but the tick by itself, which counts as an interrupt', () => {
    const [upper] = find(spec('fig5'), (node) => 'facet' in node);
    const rows = valuesOf(upper ?? {}) as { mode: string; pacing: string; operation: string; share: number }[];
    const bar = rows.filter(({ mode, pacing }) => mode === 'PIC' && pacing === 'fq bursts');
    expect(bar.map(({ operation }) => operation)).toEqual(['I/O ports', 'interrupt delivery', 'interrupt ack', 'send', 'receive']);
    expect(bar.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(2.61, 10);
    expect(bar.find(({ operation }) => operation === 'interrupt delivery')?.share).toBeCloseTo(0.61, 10);
  });

  test('draws the paper\'s bound only where it concerns the bars', () => {
    const rules = find(spec('fig5'), (node) => isMark(node, 'rule'));
    expect(rules).toHaveLength(1);
    expect(find(spec('fig5-loads'), (node) => isMark(node, 'rule'))).toHaveLength(2 * 3);
  });
});

type Node = Readonly<Record<string, unknown>>;

function spec(name: string): TopLevelSpec {
  const found = figures(small, []).get(name);
  if (found === undefined) throw new Error(`there is no ${name}`);
  return found;
}

/** All objects inside a specification, data left out, that something is true of. */
function find(node: unknown, wanted: (node: Node) => boolean): Node[] {
  if (Array.isArray(node)) return node.flatMap((child) => find(child, wanted));
  if (typeof node !== 'object' || node === null) return [];
  const own = node as Node;
  const inner = Object.entries(own).filter(([key]) => key !== 'data').flatMap(([, child]) => find(child, wanted));
  return wanted(own) ? [own, ...inner] : inner;
}

function isMark(node: Node, type: string): boolean {
  return typeof node['mark'] === 'object' && node['mark'] !== null && (node['mark'] as Node)['type'] === type;
}

function valuesOf(node: Node): unknown[] {
  return ((node['data'] as { values?: unknown[] } | undefined)?.values ?? []);
}

function numberAxisTitles(spec: TopLevelSpec): string[] {
  const channels = find(spec, (node) => 'encoding' in node).flatMap((node) => {
    const { x, y } = node['encoding'] as { x?: Node; y?: Node };
    return [x, y].filter((channel) => channel !== undefined && (channel['type'] === 'quantitative' || channel['field'] === 'load'));
  });
  return channels.map((channel) => String(channel?.['title']));
}

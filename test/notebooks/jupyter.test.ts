import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { paper, show, table } from '../../notebooks/jupyter/study.ts';
import { fig4 } from '../../src/chart/fig4.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const FOLDER = join(ROOT, 'notebooks/jupyter');
const NOTEBOOK = join(FOLDER, 'rumpsim.ipynb');

const output = z.object({ output_type: z.string(), data: z.record(z.string(), z.unknown()).optional() });
const cell = z.object({ cell_type: z.enum(['markdown', 'code']), id: z.string().regex(/^[\w-]{1,64}$/), metadata: z.object({}), source: z.array(z.string()), outputs: z.array(output).optional(), execution_count: z.number().nullable().optional() });
/** What nbformat 4.5 asks of a notebook. */
const notebook = z.object({ nbformat: z.literal(4), nbformat_minor: z.literal(5), metadata: z.object({ kernelspec: z.object({ name: z.literal('deno'), display_name: z.string(), language: z.literal('typescript') }) }), cells: z.array(cell) });

function read(file: string): z.infer<typeof notebook> {
  return notebook.parse(JSON.parse(readFileSync(file, 'utf8')));
}

/** Why it cannot be executed here; null where it can. */
function missing(): string | null {
  for (const [program, args] of [['deno', ['--version']], ['jupyter', ['nbconvert', '--version']]] as const) if (spawnSync(program, args).status !== 0) return `there is no ${[program, ...args.slice(0, -1)].join(' ')}`;
  return /\bdeno\b/.test(spawnSync('jupyter', ['kernelspec', 'list'], { encoding: 'utf8' }).stdout) ? null : 'Jupyter has no Deno kernel: deno jupyter --install';
}

const MISSING = missing();

test('the notebook is valid, is kept without outputs, and its cells have names of their own', () => {
  const { cells } = read(NOTEBOOK);
  expect(new Set(cells.map(({ id }) => id)).size).toBe(cells.length);
  expect(cells.filter(({ cell_type: kind, outputs, execution_count: count }) => kind === 'code' && (outputs?.length !== 0 || count !== null))).toEqual([]);
});

test('its cells type-check, as one module', () => {
  const code = read(NOTEBOOK).cells.filter(({ cell_type: kind }) => kind === 'code').map(({ source }) => source.join('')).join('\n');
  const folder = mkdtempSync(join(FOLDER, '.cells-'));
  try {
    writeFileSync(join(folder, 'cells.ts'), code.replaceAll("'../../src", "'../../../src").replaceAll("'./study.ts'", "'../study.ts'"));
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ extends: '../../../tsconfig.base.json', compilerOptions: { lib: ['es2024'], types: ['node'], noEmit: true }, include: ['cells.ts', '../../../types'] }));
    expect(spawnSync(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', folder], { encoding: 'utf8' })).toMatchObject({ status: 0, stdout: '' });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a chart is shown as a drawing and as a picture', async () => {
  const points = paper({ systems: ['bmk', 'sel4-msi'], loads: [180, 900], duration: 0.4, warmup: 0.2 });
  const shown = (await show(fig4(points, 'fq')))[Symbol.for('Jupyter.display')]?.();
  expect(shown?.['text/html']).toMatch(/^<svg .*bare metal/s);
  expect(Buffer.from(String(shown?.['image/png']), 'base64').subarray(1, 4).toString()).toBe('PNG');
  expect(table([{ a: '<b>', c: 1 }])[Symbol.for('Jupyter.display')]?.()).toEqual({ 'text/html': '<table><tr><th>a</th><th>c</th></tr><tr><td>&lt;b></td><td>1</td></tr></table>' });
});

describe.skipIf(MISSING !== null)(`in Jupyter${MISSING === null ? '' : ` (skipped: ${MISSING})`}`, () => {
  test('it runs from top to bottom and shows the figure', { timeout: 300_000 }, () => {
    const folder = mkdtempSync(join(tmpdir(), 'rumpsim-'));
    const copy = join(FOLDER, '.executed.ipynb');
    try {
      copyFileSync(NOTEBOOK, copy);
      execFileSync('jupyter', ['nbconvert', '--to', 'notebook', '--execute', '--ExecutePreprocessor.timeout=240', '--output-dir', folder, '--output', 'executed.ipynb', copy], { cwd: FOLDER, stdio: 'pipe' });
      const { cells } = read(join(folder, 'executed.ipynb'));
      const outputs = cells.find(({ id }) => id === 'figure')?.outputs ?? [];
      expect(outputs.some(({ data }) => String(data?.['text/html']).includes('<svg'))).toBe(true);
      expect(cells.flatMap(({ outputs: all }) => all ?? []).filter(({ output_type: type }) => type === 'error')).toEqual([]);
    } finally {
      rmSync(copy, { force: true });
      rmSync(folder, { recursive: true });
    }
  });
});

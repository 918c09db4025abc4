import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { json, rumpsim } from './rumpsim.ts';

const RECORDINGS = 'test/study/validate/recordings';
const folder = mkdtempSync(join(tmpdir(), 'rumpsim-validate-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Row {
  readonly recording: string;
  readonly quantity: string;
  readonly predicted: number | null;
  readonly recorded: number;
  readonly ratio: number | null;
}

test('rows are recording, quantity, predicted, recorded and ratio, and near what was recorded', async () => {
  const page = join(folder, 'page.md');
  const result = await json('validate', RECORDINGS, '--json', '--jobs', '2', '--page', page);
  const rows = result['rows'] as Row[];
  for (const row of rows) expect(Object.keys(row)).toEqual(['recording', 'quantity', 'predicted', 'recorded', 'ratio']);
  expect(new Set(rows.map(({ recording }) => recording)).size).toBe(3);
  for (const { predicted, recorded, ratio } of rows) expect(ratio).toBe(predicted === null || recorded === 0 ? null : predicted / recorded);
  // A window of 60 ms begins and ends inside a frame's work: one frame more or less is half a percent.
  for (const quantity of ['ICR reads', 'kernel instructions', 'kernel entries: SetTLSBase', 'user instructions: rump', 'busy share']) {
    const off = rows.filter((row) => row.quantity === quantity && !(Math.abs((row.ratio ?? 0) - 1) < 0.05));
    expect(off).toEqual([]);
  }
  expect(result).toMatchObject({ program: 'rumpsim', complete: true, seeds: null });
  expect(Object.keys(result['traceHashes'] as object)).toHaveLength(3);
  const text = readFileSync(page, 'utf8');
  for (const { recording } of rows) expect(text).toContain(`## ${recording}`);
}, 60_000);

test('the table says what was given, and where the costs of a recording that stands alone come from', async () => {
  const { status, stdout } = await rumpsim('validate', join(RECORDINGS, 'pic-pit'), '--jobs', '1');
  expect(status).toBe(0);
  expect(stdout).toContain('controller pic (config)');
  expect(stdout.replaceAll(/\s+/g, ' ')).toMatch(/0 of \d+ pieces counted in 0 other recordings, \d+ from the bundled statistics/);
});

describe('what cannot be used is refused in one line', () => {
  const refused = async (path: string): Promise<string> => {
    const { status, stdout, stderr } = await rumpsim('validate', path);
    expect({ status, stdout, lines: stderr.split('\n').length - 1 }).toEqual({ status: 2, stdout: '', lines: 1 });
    return stderr;
  };

  test('a folder without recordings', async () => {
    const empty = join(folder, 'empty');
    mkdirSync(empty);
    writeFileSync(join(empty, 'table.arrow'), 'ARROW1 of something else');
    expect(await refused(empty)).toMatch(/empty: no recording found.*kernel-entries\.csv.*window\.trace/);
  });

  test('a folder that is not there, and a file', async () => {
    expect(await refused(join(folder, 'nowhere'))).toContain('no such file');
    expect(await refused('package.json')).toContain('this is a file');
  });

  test('a damaged recording, by file and place', async () => {
    const damaged = join(folder, 'damaged');
    cpSync(join(RECORDINGS, 'pic-pit/p040'), damaged, { recursive: true });
    rmSync(join(damaged, 'kernel-entries.csv.zst'));
    writeFileSync(join(damaged, 'kernel-entries.csv'), 't_insn,op,k_insn\n10,tick,137\nten,tick,137\n');
    expect(await refused(damaged)).toMatch(/kernel-entries\.csv: line 3/);
    writeFileSync(join(damaged, 'kernel-entries.csv.zst'), 'no zstd');
    expect(await refused(damaged)).toContain('kernel-entries.csv.zst');
  });

  test('a summary that is none', async () => {
    const other = join(folder, 'other');
    cpSync(join(RECORDINGS, 'pic-pit/p040'), other, { recursive: true });
    writeFileSync(join(other, 'summary.json'), '{"t_start_insn": "soon"}');
    expect(await refused(other)).toContain('summary.json: t_start_insn');
  });
});

import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, test } from 'vitest';
import { defaultCosts } from '../../src/study/cost-tables.ts';
import { PARAMETERS } from '../../src/study/parameter.ts';
import { SYSTEMS } from '../../src/study/system.ts';
import { json, LAUNCHER, rumpsim } from './rumpsim.ts';

const folder = mkdtempSync(join(tmpdir(), 'rumpsim-listings-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('costs', () => {
  test('--json has every row of the table, whole', async () => {
    const { costs, manifest } = await json('costs', '--json');
    expect(costs).toEqual(defaultCosts().rows());
    expect(manifest).toMatchObject({ program: 'rumpsim', costsHash: expect.stringMatching(/^sha256:/) as string });
  });

  test('in a pipe each cost is one line, with range, kind and source', async () => {
    const { stdout } = await rumpsim('costs', 'pit.out');
    const { value, unit, low, high, kind, source } = defaultCosts().row('pit.out');
    const line = stdout.split('\n').find((text) => text.startsWith('pit.out')) ?? '';
    for (const part of [String(value), unit, `${low}..${high}`, `${kind}: ${source}`]) expect(line).toContain(part);
  });

  test('a filter may be a kind', async () => {
    const { costs } = await json('costs', 'fitted', '--json');
    expect((costs as { id: string }[]).map(({ id }) => id)).toEqual(expect.arrayContaining(['pic.out', 'pit.out']));
    expect((costs as unknown[]).length).toBeLessThan(defaultCosts().rows().length / 2);
  });
});

describe('systems', () => {
  test('lists every preset', async () => {
    const { stdout } = await rumpsim('systems');
    const lines = stdout.split('\n');
    expect(SYSTEMS.filter(({ name, title }) => !lines.some((line) => line.startsWith(`${name} `) && line.endsWith(title)))).toEqual([]);
  });

  test('one in full: parts, registers with times, and the calls of an interrupt', async () => {
    const { stdout } = await rumpsim('systems', 'sel4-pic');
    for (const part of ['82574L', '1500', '384.0 us', '87380 bytes', 'sel4/irq.pic.switch-other', 'kernel.ioport 3']) expect(stdout).toContain(part);
  });

  test('overrides show', async () => {
    const { systems } = await json('systems', 'bmk', '--set', 'nic.throttle=0', '--json');
    expect(systems).toMatchObject([{ name: 'bmk', nic: { itr: 0, radv: 0 }, nicTimes: { itrUs: 0 } }]);
  });

  test('a system of a scenario file', async () => {
    const { stdout } = await rumpsim('systems', '--config', 'examples/bare-metal-msi.yaml', 'bare-metal-msi');
    expect(stdout).toContain('hpet, delivered by msi');
    expect(stdout).toContain('20032/s'); // 195 units of 256 ns, the nearest to 20,000/s
  });
});

describe('schema', () => {
  test('is printed, or written whole to a file', async () => {
    const file = join(folder, 'deep', 'schema.json');
    const printed = await json('schema');
    const { status, stdout } = await rumpsim('schema', '--out', file);
    expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(printed);
    expect(readdirSync(join(folder, 'deep'))).toEqual(['schema.json']);
  });

  test('a place that cannot be written is told in one line and nothing is left', async () => {
    const { status, stderr } = await rumpsim('schema', '--out', join(LAUNCHER, 'schema.json'));
    expect(status).toBe(2);
    expect(stderr).toMatch(/^rumpsim: .*schema\.json: cannot be written: .*\n$/);
    expect(existsSync(`${LAUNCHER}.part`)).toBe(false);
  });
});

describe('help', () => {
  test('names every command with an example', async () => {
    const { status, stdout } = await rumpsim('--help');
    expect(status).toBe(0);
    for (const command of ['run', 'reproduce', 'claims', 'systems', 'costs', 'schema']) expect(stdout).toMatch(new RegExp(`^  ${command} `, 'm'));
    expect(stdout).toContain('Examples:');
  });

  test('of run names every setting', async () => {
    const { stdout } = await rumpsim('run', '--help');
    for (const { key } of PARAMETERS) expect(stdout).toContain(`  ${key} `);
  });

  test('--version is that of package.json', async () => {
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string };
    expect((await rumpsim('--version')).stdout).toBe(`${version}\n`);
  });
});

test('a reader that leaves early ends the program quietly', async () => {
  const pipe = `"${process.execPath}" "${LAUNCHER}" costs --json | head -c 100`;
  const { stdout, stderr } = await promisify(execFile)('bash', ['-o', 'pipefail', '-c', pipe]);
  expect(stdout).toHaveLength(100);
  expect(stderr).toBe('');
});

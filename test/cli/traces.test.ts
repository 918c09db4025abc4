import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Int64 } from 'apache-arrow';
import { afterAll, describe, expect, test } from 'vitest';
import { TraceReader } from '../../src/trace/reader.ts';
import { rewrite } from '../trace/traces.ts';
import { json, rumpsim, SHORT } from './rumpsim.ts';

const folder = mkdtempSync(join(tmpdir(), 'rumpsim-traces-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string): string => join(folder, name);
const ACCOUNTS = ['breakdown', 'counters', 'ticks', 'latencyUs', 'fingerprint'];

describe('the traces of a run', () => {
  test('say how they were recorded and replay as what they were: a system of the user\'s own, its seed, its costs', async () => {
    const args = ['run', 'sel4-msi', '--set', 'controller=ioapic', '--set', 'nic.throttle=100us', '--set', 'cost.hpet.read=400ns', '--seed', '7', '--run', '2', '--load', '300', '--pacing', 'even', ...SHORT];
    const files = ['--record', at('wire.arrow'), '--record-hardware', at('hardware.arrow'), '--record-kernel', at('kernel.arrow'), '--record-ledger', at('ledger.arrow')];
    const recorded = await json(...args, ...files, '--json');
    for (const kind of ['wire', 'hardware', 'kernel', 'ledger'] as const) {
      const { metadata } = new TraceReader(at(`${kind}.arrow`), { kind });
      expect(metadata).toMatchObject({ kind, loop: 'closed', producer: { name: 'rumpsim' }, clock: { domain: 'simulated', unit: 'ps', origin: '0' }, recorded: { scenario: { system: 'sel4-msi', seed: 7, costs: { 'hpet.read': 400 } } } });
      expect(metadata.recorded.command).toBe(`rumpsim ${[...args, ...files].join(' ')} --json`);
    }
    const plain = await json(...args, '--json');
    expect([recorded['fingerprint'], recorded['ticks']]).toEqual([plain['fingerprint'], plain['ticks']]);
    const replayed = await json('run', '--replay', at('wire.arrow'), '--json');
    for (const key of ACCOUNTS) expect(replayed[key]).toEqual(recorded[key]);
  });

  test('drive another system, with what the command line changes', async () => {
    const other = await json('run', 'bmk', '--replay', at('wire.arrow'), '--warmup', '0', '--json');
    expect(other).toMatchObject({ system: 'bmk', loop: 'open', seed: 7, run: 2, warmup: 0, warnings: [] });
  });
});

describe('a trace that turns out to be wrong', () => {
  test.each([
    ['cut off', () => writeFileSync(at('bad.arrow'), readFileSync(at('wire.arrow')).subarray(0, 100_000)), /bad\.arrow: byte 100000: the file is cut off/],
    ['of another kind', () => writeFileSync(at('bad.arrow'), readFileSync(at('hardware.arrow'))), /bad\.arrow: metadata: this is a hardware trace; give a wire trace/],
    ['no recording at all', () => writeFileSync(at('bad.arrow'), 'frames: many\n'), /bad\.arrow: byte 0: no known format begins like this/],
    ['out of order', () => rewrite(at('wire.arrow'), at('bad.arrow'), { columns: { t: { type: new Int64(), values: (values) => values.with(5000, 0n) } } }), /bad\.arrow: row 5000: t 0 is before \d+ of the row before it; sort the rows by t/],
  ])('%s: one line, status 2, and nothing of what was to be recorded meanwhile', async (_what, spoil, message) => {
    spoil();
    const { status, stdout, stderr } = await rumpsim('run', 'sel4-pic', ...SHORT, '--replay', at('bad.arrow'), '--record', at('again.arrow'), '--record-hardware', at('again-hardware.arrow'));
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/^rumpsim: [^\n]*\n$/);
    expect(readdirSync(folder).filter((name) => name.includes('again'))).toEqual([]);
  });
});

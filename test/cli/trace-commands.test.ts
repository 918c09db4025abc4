import { lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WireColumn, WireKind } from '../../src/trace/format.ts';
import { TraceReader } from '../../src/trace/reader.ts';
import { rowsOf, wireRows, write } from '../trace/traces.ts';
import { json, rumpsim } from './rumpsim.ts';

const folder = mkdtempSync(join(tmpdir(), 'rumpsim-trace-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string): string => join(folder, name);
const ROWS = wireRows(300, 1_000_000);

beforeAll(() => {
  write(at('wire.arrow'), 'wire', ROWS, 100);
  write(at('ledger.arrow'), 'ledger', [[0, 1000, 0, 1, 1, 1], [1000, 3000, 0, 0, 0, 1]]);
});

async function fails(...args: string[]): Promise<string> {
  const { status, stdout, stderr } = await rumpsim(...args);
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toMatch(/^rumpsim: [^\n]*\n$/);
  return stderr.replaceAll(`${folder}/`, '');
}

async function prints(...args: string[]): Promise<string> {
  const { status, stdout, stderr } = await rumpsim(...args);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return stdout.replaceAll(`${folder}/`, '');
}

describe('rumpsim trace', () => {
  test('info says what a trace holds', async () => {
    const text = await prints('trace', 'info', at('wire.arrow'));
    expect(text).toContain('trace        wire, closed loop, by a test 0');
    expect(text).toContain('rows         300 in 3 batches');
    expect(text).toMatch(/rx-data {3}300 +1003344\.5 +454,200 +434,400\n/);
    const object = await json('trace', 'info', at('wire.arrow'), '--json');
    expect(object).toMatchObject({ rows: 300, span: { first: 0, last: 299e6 }, groupings: [[{ kind: 'rx-data', rows: 300, payload: 300 * 1448 }], [{ flow: '0' }]], metadata: { kind: 'wire' } });
  });

  test('head prints rows with names, as a table, JSON or CSV', async () => {
    expect((await prints('trace', 'head', at('wire.arrow'), '--rows', '2')).split('\n')).toEqual([
      '      t  kind     direction  bytes   seq  payload  ack  window  sack_low  sack_high  flags  flow',
      '      0  rx-data          0   1514     0     1448    0   65535         0          0      0     0',
      '1000000  rx-data          0   1514  1448     1448    0   65535         0          0      0     0',
      '',
      't: ps; bytes, seq, payload, ack, window, sack_low, sack_high: bytes',
      '',
    ]);
    expect(JSON.parse(await prints('trace', 'head', at('ledger.arrow'), '--json'))).toEqual([
      { t: 0, duration: 1000, cpu: 0, context: 'name 1', path: 'name 1', count: 1 }, { t: 1000, duration: 3000, cpu: 0, context: 'idle', path: 'idle', count: 1 },
    ]);
    expect(await prints('trace', 'head', at('ledger.arrow'), '--csv', '-n', '1')).toBe('t,duration,cpu,context,path,count\n0,1000,0,name 1,name 1,1\n');
  });

  test('validate says that a trace is whole, or the first thing that is wrong', async () => {
    expect(await prints('trace', 'validate', at('wire.arrow'))).toMatch(/^wire\.arrow: a valid wire trace of 300 rows in 3 batches; sha256:[0-9a-f]{64}\n$/);
    writeFileSync(at('bad.arrow'), readFileSync(at('wire.arrow')).subarray(0, 16_000));
    expect(await fails('trace', 'validate', at('bad.arrow'))).toBe('rumpsim: bad.arrow: byte 16000: the file is cut off: it does not end as an Arrow file; copy or record it again\n');
    const odd = ROWS.map((row) => [...row]);
    odd[7]![2] = 1;
    write(at('odd.arrow'), 'wire', odd);
    expect((await rumpsim('trace', 'validate', at('odd.arrow'))).stderr).toContain('warning: ');
    expect(await fails('trace', 'validate', '--strict', at('odd.arrow'))).toBe('rumpsim: odd.arrow: row 7: kind and direction disagree\n');
  });

  test('a trace that is cut off can be looked at, and is refused with --strict', async () => {
    writeFileSync(at('bad.arrow'), readFileSync(at('wire.arrow')).subarray(0, 16_000));
    const { status, stdout, stderr } = await rumpsim('trace', 'info', at('bad.arrow'));
    expect([status, stderr]).toEqual([0, `rumpsim: warning: ${at('bad.arrow')}: the file is cut off; only its whole batches are read\n`]);
    expect(stdout).toContain('rows         100 in 1 batch\n');
    expect(await fails('trace', 'info', '--strict', at('bad.arrow'))).toContain('the file is cut off');
  });

  test('cut copies a part, by seconds, by units of the clock, by rows', async () => {
    const part = async (...args: string[]): Promise<number[][]> => {
      await prints('trace', 'cut', at('wire.arrow'), at('part.arrow'), ...args);
      return rowsOf(new TraceReader(at('part.arrow'))).rows;
    };
    expect(await part('--from', '100us', '--to', '0.0002s')).toEqual(ROWS.slice(100, 200));
    expect(await part('--from', '250000000')).toEqual(ROWS.slice(250));
    expect(await part('--rows', '5:7')).toEqual(ROWS.slice(5, 7));
    expect(await fails('trace', 'cut', at('wire.arrow'), at('part.arrow'))).toContain('give --from, --to or --rows');
    expect(await fails('trace', 'cut', at('wire.arrow'), at('part.arrow'), '--from', '1 week')).toContain("--from 1 week: '1 week' is not a time");
    expect(await fails('trace', 'cut', at('wire.arrow'), at('part.arrow'), '--from', '2ms', '--to', '1ms')).toContain('--to 1ms: it is not after --from');
    expect(await fails('trace', 'cut', at('wire.arrow'), at('part.arrow'), '--rows', '7')).toContain("--rows 7: '7' is no range of rows");
  });

  test('of nothing that is read something is written, and no device is replaced', async () => {
    const before = readFileSync(at('wire.arrow'));
    expect(await fails('trace', 'cut', at('wire.arrow'), join(folder, '.', 'wire.arrow'), '--rows', ':1')).toBe('rumpsim: wire.arrow: it is to be read and written; choose another name\n');
    expect(await fails('trace', 'merge', at('wire.arrow'), at('wire.arrow'), '--out', at('wire.arrow'))).toContain('it is to be read and written');
    expect(await fails('trace', 'cut', at('wire.arrow'), '-', '--rows', ':1')).toBe('rumpsim: -: cannot be written: a trace needs a regular file; give the name of one\n');
    expect(readFileSync(at('wire.arrow')).equals(before)).toBe(true);
    symlinkSync('/dev/null', at('null')); // a rename would replace the link alone
    await prints('trace', 'convert', at('ledger.arrow'), at('null'), '--to', 'folded');
    expect(lstatSync(at('null')).isSymbolicLink()).toBe(true);
    expect(await fails('trace', 'cut', at('wire.arrow'), at('null'), '--rows', ':1')).toBe('rumpsim: null: cannot be written: a trace needs a regular file; give the name of one\n');
  });

  test('a compressed trace is taken as it is', async () => {
    writeFileSync(at('packed.arrow.gz'), gzipSync(readFileSync(at('wire.arrow'))));
    expect(await prints('trace', 'info', at('packed.arrow.gz'))).toContain('rows         300 in 3 batches');
    await prints('trace', 'convert', at('packed.arrow.gz'), at('unpacked.arrow'));
    expect(readFileSync(at('unpacked.arrow')).equals(readFileSync(at('wire.arrow')))).toBe(true);
    writeFileSync(at('half.arrow.gz'), gzipSync(readFileSync(at('wire.arrow')).subarray(0, 16_000)));
    expect(await fails('trace', 'convert', '--strict', at('half.arrow.gz'), at('none.arrow'))).toContain('half.arrow.gz: byte 16000: the file is cut off');
    expect(readdirSync(folder).filter((name) => name.includes('none'))).toEqual([]);
  });

  test('merge makes one of several', async () => {
    expect(await prints('trace', 'merge', at('wire.arrow'), at('wire.arrow'), '--out', at('both.arrow'))).toBe('both.arrow: 600 rows of 2 traces\n');
    expect(rowsOf(new TraceReader(at('both.arrow'))).rows.map(([t]) => t)).toEqual(ROWS.flatMap(([t]) => [t, t]));
    expect(await fails('trace', 'merge', at('wire.arrow'), at('ledger.arrow'), '--out', at('none.arrow'))).toContain('this is a ledger trace');
    expect(await fails('trace', 'merge', at('wire.arrow'), '--out', at('none.arrow'))).toContain('one trace is nothing to merge');
    expect(readdirSync(folder).filter((name) => name.includes('none'))).toEqual([]);
  });

  test('convert writes other formats, and traces of recordings, which every command takes as they are', async () => {
    expect(await prints('trace', 'convert', at('ledger.arrow'), '-', '--to', 'folded')).toContain('name 1');
    expect(await prints('trace', 'convert', at('wire.arrow'), at('wire.pcap'))).toBe('');
    writeFileSync(at('capture.gz'), gzipSync(readFileSync(at('wire.pcap'))));
    const { stderr } = await rumpsim('trace', 'convert', at('capture.gz'), at('again.arrow'));
    expect(stderr.split('\n').every((line) => line === '' || line.startsWith('rumpsim: warning: '))).toBe(true);
    // The exporter may add a handshake, so that readers know the window scale.
    const data = rowsOf(new TraceReader(at('again.arrow'))).rows.filter(([, kind]) => kind === WireKind.rxData);
    expect(data.map((row) => row[WireColumn.bytes])).toEqual(ROWS.map((row) => row[WireColumn.bytes]));
    expect((await rumpsim('trace', 'info', at('capture.gz'))).stdout).toMatch(/rx-data +300 /);
    expect((await rumpsim('run', 'bmk', '--replay', at('capture.gz'), '--duration', '0.01', '--json')).stdout).toContain('"loop": "open"');
  });

  test('convert refuses what it cannot do in one line, and leaves nothing', async () => {
    expect(await fails('trace', 'convert', at('wire.arrow'), at('none.txt'))).toContain('none.txt: its name does not say what to write; give one that ends in .arrow');
    expect(await fails('trace', 'convert', at('wire.arrow'), at('none'), '--to', 'perfeto')).toContain('did you mean');
    expect(await fails('trace', 'convert', at('wire.arrow'), at('none.arrow'))).toContain('this is an Arrow file already');
    expect(await fails('trace', 'convert', at('ledger.arrow'), at('none.pcap'))).toContain('this is a ledger trace, pcap holds wire');
    expect(await fails('trace', 'convert', at('wire.arrow'), at('wire.arrow'))).toContain('it is to be read and written');
    expect(await fails('trace', 'convert', at('nowhere.pcap'), at('none.arrow'))).toContain('nowhere.pcap: cannot be read: there is no such file or directory');
    expect(await fails('trace', 'info', at('wire.arrow'), '--format', 'pcapp')).toContain('did you mean');
    expect(await fails('trace', 'convert', at('wire.arrow'), join(folder, 'no', 'none.json'))).toContain('cannot be written');
    expect(readdirSync(folder).filter((name) => name.includes('none') || name.endsWith('.part'))).toEqual([]);
  });
});

import { describe, expect, test } from 'vitest';
import { KERNEL_ENTRIES, kernelEntries, readPaths } from '../../../src/trace/import/kernel-entries.ts';
import { refusal } from '../traces.ts';
import { bytes, corpus, corpusText } from './corpus.ts';
import { imported } from './imported.ts';

describe('kernel-entries.csv', () => {
  test('a real one, row by row', () => {
    const [header = '', ...lines] = corpusText('kernel-entries/pic-pit.csv').trimEnd().split('\n');
    const names = header.split(',');
    const { rows, metadata, warnings } = imported(KERNEL_ENTRIES, corpus('kernel-entries/pic-pit.csv'), { strict: true });
    const modes: Record<string, string> = { U: 'user', I: 'idle', N: 'kernel' };
    const first = Number(lines[0]?.split(',')[0]);
    expect(rows).toEqual(lines.map((line) => {
      const field = Object.fromEntries(line.split(',').map((value, index) => [names[index] ?? '', value]));
      const number = (name: string): number => Number(field[name]);
      return {
        t: number('t_insn') - first, operation: field['op'], entry: field['entry'], from_mode: modes[field['from_mode'] ?? ''], user: number('u_insn'), duration: number('k_insn'), instructions: number('k_insn'),
        loads: number('k_load'), stores: number('k_store'), mmio: number('mmio'), port_in: number('in'), port_out: number('out'), cr3: number('cr3'), wrmsr: number('wrmsr'), fxsave: number('fxsave'),
        fxrstor: number('fxrstor'), to_mode: modes[field['to_mode'] ?? ''], from: `${field['from_img']}:${field['from_fn']}`, to: `${field['to_img']}:${field['to_fn']}`, path: `path ${field['path_id']}`,
      };
    }));
    expect(warnings).toEqual([]);
    expect(metadata.clock).toMatchObject({ domain: 'virtual', unit: 'instructions', picoseconds: { numerator: 4000, denominator: 1 }, origin: String(first) });
  });

  test('a table names the paths', () => {
    const paths = readPaths('paths.csv', 'path_id,kernel_functions\n3,a>b>a\n12,c\n');
    const { rows } = imported(kernelEntries(paths), corpus('kernel-entries/pic-pit.csv'));
    expect(rows.slice(0, 4).map(({ path }) => path)).toEqual(['a>b>a', 'c', 'c', 'path 6']);
    expect(refusal(() => readPaths('paths.csv', 'path_id,kernel_functions\nx\n'))).toBe('paths.csv: line 2: this is no row of a table of paths; give a paths.csv as it was recorded');
  });

  test('columns in any order; what is missing is 0 or unknown, what is unknown is left out', () => {
    const { rows, warnings } = imported(KERNEL_ENTRIES, bytes('k_insn,op,colour,t_insn\n7,Wait,red,100\n8,Signal,blue,101\n'));
    expect(rows).toMatchObject([{ t: 0, operation: 'Wait', instructions: 7, user: 0, loads: 0, from: 'unknown', path: 'unknown', entry: 'unknown', from_mode: 'user' }, { t: 1, operation: 'Signal', duration: 8 }]);
    expect(warnings).toEqual(['test.file: columns that are not known are left out: colour']);
  });

  test('rows that cannot be read are counted', () => {
    const { rows, warnings } = imported(KERNEL_ENTRIES, bytes('t_insn,op,k_insn\n100,Wait,7\n101,Wait\n102,Wait,x\n103,Wait,7,9\n99,Wait,7\n104,Wait,99999999999\n105,Wait,7\n'));
    expect(rows.map(({ t }) => t)).toEqual([0, 5]);
    expect(warnings).toEqual(['test.file: 5 lines could not be read, the first is line 3; give a kernel-entries.csv as it was recorded']);
  });

  test.each([
    ['a column is missing', 't_insn,op\n1,Wait\n', false, 'line 1: there is no column k_insn'],
    ['a column is there twice', 't_insn,op,k_insn,op\n', false, 'line 1: the column op is there twice'],
    ['no row', 't_insn,op,k_insn\n', false, 'there is no whole row'],
    ['strict: out of order', 't_insn,op,k_insn\n5,Wait,1\n4,Wait,1\n', true, 'line 3: t_insn is before that of the row above'],
    ['strict: a mode', 't_insn,op,k_insn,from_mode\n5,Wait,1,X\n', true, 'line 2: a mode is not U, I or N'],
    ['strict: cut', 't_insn,op,k_insn\n5,Wait,1\n4,Wai', true, 'line 3: the file is cut off'],
  ])('refused: %s', (_what, text, strict, message) => {
    expect(refusal(() => imported(KERNEL_ENTRIES, bytes(text), { strict }))).toContain(message);
  });
});

import { describe, expect, test } from 'vitest';
import { PERF_SCRIPT } from '../../../src/trace/import/perf-script.ts';
import { refusal } from '../traces.ts';
import { bytes, corpus, corpusText } from './corpus.ts';
import { imported } from './imported.ts';

describe('the text of perf script', () => {
  test('a real one with call chains, read paragraph by paragraph', () => {
    const text = corpusText('perf-script/call-chains.txt');
    const { rows, warnings, metadata } = imported(PERF_SCRIPT, bytes(text));
    const samples = text.trim().split('\n\n').map((sample) => {
      const [head = '', ...frames] = sample.split('\n');
      const [, comm, tid, cpu, stamp = '', period] = /^(.*?) +(\d+) \[(\d+)\] +([\d.]+): +(\d+) cpu-clock/.exec(head) ?? [];
      const path = frames.map((frame) => {
        const [, symbol = '', file = ''] = /^\s+[0-9a-f]+ (.*) \((.*)\)$/.exec(frame) ?? [];
        return symbol === '[unknown]' ? `[${file.split('/').at(-1)?.replaceAll(/[[\]]/g, '')}]` : symbol.replace(/\+0x[0-9a-f]+$/, '');
      }).map((name) => (name === '[unknown]' ? '[unknown]' : name)).toReversed().join(';');
      return { ns: Math.round(Number(stamp) * 1e9), context: `${comm}-${tid}`, path, cpu: Number(cpu), period: Number(period) };
    });
    expect(warnings).toEqual([]);
    expect(metadata.kind).toBe('ledger');
    expect(rows.map(({ context, path, cpu }) => ({ context, path, cpu }))).toEqual(samples.map(({ context, path, cpu }) => ({ context, path, cpu })));
    rows.forEach((row, index) => {
      const next = samples.slice(index + 1).find(({ cpu }) => cpu === row['cpu'])?.ns ?? Infinity;
      const here = samples[index];
      expect(row['duration']).toBe(Math.min(here?.period ?? NaN, next - (here?.ns ?? NaN)));
    });
  });

  test('a real one without call chains: the function on the line is the path', () => {
    const text = corpusText('perf-script/flat.txt');
    const { rows } = imported(PERF_SCRIPT, bytes(text));
    expect(rows).toHaveLength(text.trimEnd().split('\n').length);
    expect(rows[0]).toMatchObject({ t: 0, path: 'copy_page_range', count: 1 });
    expect(rows[2]).toMatchObject({ path: '[gzip]' });
  });

  test('layouts: pid/tid, no processor, no period, commands with spaces, idle, other events', () => {
    const text = [
      '# captured on: a day', 'swapper     0 [000] 10.000000: 1000000 cpu-clock:ppp:', '\tffffffff81 native_safe_halt+0xe ([kernel.kallsyms])', '\tffffffff82 default_idle+0x9 ([kernel.kallsyms])', '',
      'Wéb Content x 12/34 [001] 10.000500:    1000000 cpu-clock:ppp: ', '\t7f00 std::map<int, a;b>::find(int const&)+0x1c (/opt/x/libfoo (1).so)', '\t0 [unknown] ([unknown])', '',
      'swapper     0 [000] 10.001000: 1000000 cpu-clock:ppp:', '\tffffffff81 e1000_intr+0xe ([kernel.kallsyms])', '', 'swapper     0 [000] 10.001200: 12 cycles:', '\tff x+0x1 (y)', '', '',
    ].join('\n');
    const { rows, warnings } = imported(PERF_SCRIPT, bytes(text));
    expect(rows).toEqual([
      { t: 0, duration: 1_000_000, cpu: 0, context: 'idle', path: 'idle', count: 1 },
      { t: 500_000, duration: 1_000_000, cpu: 1, context: 'Wéb Content x-34', path: '[unknown];std::map<int, a:b>::find(int const&)', count: 1 },
      { t: 1_000_000, duration: 1_000_000, cpu: 0, context: 'swapper-0', path: 'e1000_intr', count: 1 },
    ]);
    expect(warnings).toEqual(['test.file: only the samples of cpu-clock:ppp are read; 1 of others (cycles) are left out']);
    const bare = imported(PERF_SCRIPT, bytes([1, 2, 3, 9, 10].map((second) => `sh 27511 ${second}.000000: cycles: 7f8 main\n`).join('')));
    expect(bare.rows.map(({ duration, path }) => [duration, path])).toEqual([[1e9, 'main'], [1e9, 'main'], [1e9, 'main'], [1e9, 'main'], [996_093_750, 'main']]);
    expect(imported(PERF_SCRIPT, bytes('é x 5 [000] 1.000000: 10 task-clock: 7f8 main+0x1 (/a)\n')).rows).toMatchObject([{ context: 'é x-5', path: 'main', duration: 10 }]);
    expect(bare.warnings[0]).toContain('do not name their processor');
  });

  test('cut anywhere it gives whole samples only', () => {
    const log = corpus('perf-script/call-chains.txt');
    const whole = imported(PERF_SCRIPT, log).rows.map(({ path }) => path);
    for (let at = 900; at < log.length; at += 211) {
      const { rows, warnings } = imported(PERF_SCRIPT, log.subarray(0, at));
      const text = new TextDecoder().decode(log.subarray(0, at));
      expect(rows.map(({ path }) => path)).toEqual(whole.slice(0, text.split('\n\n').length - 1));
      expect(warnings.filter((warning) => warning.includes('cut off'))).toHaveLength(text.endsWith('\n\n') ? 0 : 1);
    }
  });

  test.each([
    ['strict: a line of something else', 'sh 1 [000] 1.000000: 1 cycles: \n\tff a (b)\n\nwhat\n', true, 'line 4: this is no line of a perf script text'],
    ['strict: cut', 'sh 1 [000] 1.000000: 1 cycles: \n\tff a', true, 'line 2: the file is cut off'],
    ['strict: cut at the end of a line', 'sh 1 [000] 1.000000: 1 cycles: \n\tff a (b)\n', true, 'line 2: the file is cut off: no empty line'],
    ['no sample', '# nothing\n', false, 'there is no whole sample in it'],
  ])('refused: %s', (_what, text, strict, message) => {
    expect(refusal(() => imported(PERF_SCRIPT, bytes(text), { strict }))).toContain(message);
  });
});

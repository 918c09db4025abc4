import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FTRACE } from '../../../src/trace/import/ftrace.ts';
import { refusal } from '../traces.ts';
import { bytes, corpus, corpusText } from './corpus.ts';
import { imported, type Imported } from './imported.ts';

/** Slices as [processor, begin, end, context, path]. */
function slices({ rows }: Imported): (readonly [number, number, number, string, string])[] {
  return rows.map(({ t, duration, cpu, context, path }) => [Number(cpu), Number(t), Number(t) + Number(duration), String(context), String(path)]);
}

describe('the text of ftrace', () => {
  test('trace-cmd report, by hand: commands with spaces, brackets and dashes, lost events, three processors', () => {
    const result = imported(FTRACE, corpus('ftrace/trace-cmd.txt'));
    expect(slices(result).toSorted((a, b) => a[0] - b[0] || a[1] - b[1])).toEqual([
      [0, 0, 3000, 'irq/eth0-rx-0', 'irq/eth0-rx-0'], [0, 3000, 4000, 'idle', 'idle'], [0, 4000, 16_000, 'softirq/NET_RX', 'softirq/NET_RX'], [0, 16_000, 20_000, 'idle', 'idle'],
      [0, 20_000, 60_000, 'iperf3-107', 'iperf3-107'],
      [1, 10_000, 30_000, 'kworker/1:2-ev-91', 'kworker/1:2-ev-91'], [1, 50_000, 60_000, 'migration/1-19', 'migration/1-19'],
      [2, 31_000, 32_000, 'irq/local_timer', 'irq/local_timer'], [2, 32_000, 34_000, 'irq/local_timer', 'irq/local_timer;tick_sched_timer'], [2, 34_000, 35_000, 'irq/local_timer', 'irq/local_timer'],
      [2, 35_000, 60_000, 'idle', 'idle'],
    ]);
    expect(result.metadata.clock).toMatchObject({ domain: 'host', unit: 'ns', origin: '5120000100000' });
    expect(result.warnings).toEqual(['test.file: events were lost 1 times, first at line 16; record with a larger buffer']);
  });

  test('trace-cmd report, hardware', () => {
    expect(imported(FTRACE, corpus('ftrace/trace-cmd.txt'), { kind: 'hardware' }).rows).toEqual([
      { t: 0, kind: 'irq-deliver', device: 'eth0-rx-0', address: 0, value: 24 },
      { t: 31_000, kind: 'irq-deliver', device: 'lapic', address: 0, value: 236 },
      { t: 32_000, kind: 'timer-expire', device: 'hrtimer', address: 0, value: 0 },
    ]);
  });

  test('a real text with raw counts: what the entries and exits say, read with expressions', () => {
    const text = corpusText('ftrace/ftrace-tsc.txt');
    const result = imported(FTRACE, bytes(text));
    expect(result.metadata.clock).toMatchObject({ domain: 'tsc', unit: 'cycles' });
    expect(result.warnings).toHaveLength(1);
    let entered = 0;
    let irq = 0;
    for (const [, stamp, what] of text.matchAll(/ (\d+): irq_handler_(entry|exit): irq=21/g)) {
      if (what === 'entry') entered = Number(stamp);
      else irq += Number(stamp) - entered;
    }
    const all = slices(result);
    expect(all.filter(([, , , context]) => context === 'irq/eth0').reduce((sum, [, from, to]) => sum + to - from, 0)).toBe(irq);
    const stamps = [...text.matchAll(/\] \S+ +(\d+): /g)].map(([, stamp]) => Number(stamp));
    expect(all.reduce((sum, [, from, to]) => sum + to - from, 0)).toBe(Math.max(...stamps) - Math.min(...stamps));
    expect(all.map(([, , , , path]) => path)).toContain('softirq/NET_RX;irq/eth0');
  });

  test('stamps in ns, thread groups and lines without flags', () => {
    const text = '  a-b c-12      (     12) [003] d..2. 7.000000001: irq_handler_entry: irq=1 name=x\n  a-b c-12      (-------) [003] 7.000000005: irq_handler_exit: irq=1 ret=handled\n a-b c-12 [003] 7.000000009: print: end\n';
    expect(slices(imported(FTRACE, bytes(text)))).toEqual([[3, 0, 4, 'irq/x', 'irq/x'], [3, 4, 8, 'a-b c-12', 'a-b c-12']]);
  });

  test('slices of a processor do not overlap, cover all of its span, and come in time order', () => {
    const kinds = ['switch', 'irq in', 'irq out', 'softirq in', 'softirq out', 'timer'] as const;
    fc.assert(fc.property(fc.array(fc.record({ cpu: fc.nat(2), kind: fc.constantFrom(...kinds), gap: fc.nat(5), to: fc.nat(3) }), { minLength: 2, maxLength: 60 }), (events) => {
      const running = [0, 0, 0];
      const first: (number | undefined)[] = [];
      let t = 100;
      const lines = events.map(({ cpu, kind, gap, to }) => {
        t += gap;
        first[cpu] ??= t;
        const from = running[cpu] ?? 0;
        if (kind === 'switch') running[cpu] = to;
        const event = {
          switch: `sched_switch: prev_comm=t prev_pid=${from} prev_prio=120 prev_state=S ==> next_comm=t next_pid=${to} next_prio=120`,
          'irq in': `irq_handler_entry: irq=${to} name=dev${to}`, 'irq out': `irq_handler_exit: irq=${to} ret=handled`,
          'softirq in': 'softirq_entry: vec=3 [action=NET_RX]', 'softirq out': 'softirq_exit: vec=3 [action=NET_RX]', timer: `hrtimer_expire_entry: hrtimer=0 function=f${to} now=1`,
        }[kind];
        return `     t-${from}       [00${cpu}] d.h1. 1.${String(t).padStart(9, '0')}: ${event}\n`;
      });
      const result = slices(imported(FTRACE, bytes(lines.join(''))));
      const begin = Math.min(...first.filter((one) => one !== undefined));
      expect(result.map(([, from]) => from)).toEqual(result.map(([, from]) => from).toSorted((a, b) => a - b));
      first.forEach((start, cpu) => {
        if (start === undefined) return;
        let at = start - begin;
        for (const [, from, to] of result.filter(([place]) => place === cpu)) {
          expect(from).toBe(at);
          expect(to).toBeGreaterThan(from);
          at = to;
        }
        expect(at).toBe(t - begin);
      });
    }), { numRuns: 150 });
  });

  test('a slice that never ends is cut so that memory stays bounded', () => {
    const lines = ['  x-5 [001] 1.000000: print: x\n'];
    for (let i = 0; i < 70_000; i++) lines.push(`  x-${6 + (i % 2)} [000] 1.${String(i + 1).padStart(6, '0')}: print: x\n`);
    const all = slices(imported(FTRACE, bytes(lines.join(''))));
    const long = all.filter(([cpu]) => cpu === 1);
    expect(long).toHaveLength(2);
    expect(long.reduce((sum, [, from, to]) => sum + to - from, 0)).toBe(70_000_000);
  });

  test.each([
    ['strict: a line of something else', '  x-5 [001] 1.000000: print: x\nhello\n', true, 'line 2: this is no line of an ftrace text'],
    ['strict: a cut file', '  x-5 [001] 1.000000: print: x\n  x-5 [0', true, 'line 2: the file is cut off'],
    ['nothing in it', '# tracer: nop\n#\n', false, 'there is no whole line of an event in it'],
    ['two recordings', '  x-5 [001] 9.000000: print: x\n  x-5 [001] 7.000000: print: x\n', false, 'line 2: its time is more than a second before'],
  ])('refused: %s', (_what, text, strict, message) => {
    expect(refusal(() => imported(FTRACE, bytes(text), { strict }))).toContain(message);
  });
});

import type { ExportFormat } from './exporter.ts';
import { only } from './only.ts';
import { StackTable, totals } from './stacks.ts';

/** Collapsed stacks, a line each: frames joined by semicolons, outermost first, and the time in the clock's unit. Several processors are told apart by an outermost frame. */
export const folded: ExportFormat = {
  name: 'folded',
  title: 'collapsed stacks for flame graphs',
  extension: '.folded',
  kinds: ['ledger', 'kernel'],
  write(sources, out) {
    const table = new StackTable();
    const sums = totals(only(sources), table);
    const several = sums.some(({ group }) => group !== sums[0]?.group);
    const lines = sums.filter(({ value }) => value > 0).map(({ group, stack, value }) => {
      const frames = (table.stacks[stack] ?? []).map((frame) => plain(table.frames[frame] ?? ''));
      return `${[...(several ? [`cpu ${group}`] : []), ...frames].join(';')} ${value}\n`;
    });
    out(new TextEncoder().encode(lines.join('')));
  },
};

/** A frame must not look like two, nor a line. */
function plain(name: string): string {
  return name.replaceAll(/[;\r\n]+/g, ' ');
}

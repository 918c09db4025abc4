import { IDLE_NAME } from '../format.ts';
import type { TraceClock } from '../metadata.ts';
import { nameOf } from './alignment.ts';
import type { ExportFormat } from './exporter.ts';
import { only } from './only.ts';
import { attribute, StackTable } from './stacks.ts';

/** Pieces of time in all up to which a profile is in time order; beyond, pieces of one stack are summed. Keeps the file to what a browser opens, and memory bounded. */
export const MOST_PIECES = 200_000;

const ENCODER = new TextEncoder();

/** The pieces of time of one processor: in time order until there are too many, then one a stack. */
class Profile {
  stacks: number[] = [];
  values: number[] = [];
  /** Place of each stack once pieces are summed; null before. */
  private places: Map<number, number> | null = null;

  /** Returns whether it is a piece more. */
  add(stack: number, value: number): boolean {
    const { stacks, values, places } = this;
    const last = stacks.length - 1;
    const place = places === null ? (stacks[last] === stack ? last : undefined) : places.get(stack);
    if (place !== undefined) {
      values[place]! += value;
      return false;
    }
    places?.set(stack, stacks.length);
    stacks.push(stack);
    values.push(value);
    return true;
  }

  /** From now on the pieces of a stack are one, at the place of the first. */
  sum(): void {
    const { stacks, values } = this;
    this.stacks = [];
    this.values = [];
    this.places = new Map();
    for (const [piece, stack] of stacks.entries()) this.add(stack, values[piece] ?? 0);
  }
}

/** What a processor did: everything in time order, and its busy time summed by stack, where idle time leaves no room for the rest. */
interface Processor {
  readonly all: Profile;
  readonly busy: Profile;
}

/** Speedscope's JSON: sampled profiles whose weights are times, two a processor. */
export const speedscope: ExportFormat = {
  name: 'speedscope',
  title: 'speedscope flame graph',
  extension: '.speedscope.json',
  kinds: ['ledger', 'kernel'],
  write(sources, out, { command, warn }) {
    const source = only(sources);
    const { clock, producer, kind } = source.metadata;
    const table = new StackTable();
    const idle = table.stack([IDLE_NAME]);
    const processors: Processor[] = [];
    let pieces = 0;
    let summed = false;
    attribute(source, table, (group, stack, value) => {
      const { all, busy } = (processors[group] ??= processor(summed));
      if (stack !== idle) busy.add(stack, value);
      if (!all.add(stack, value) || summed || ++pieces <= MOST_PIECES) return;
      summed = true;
      for (const other of processors) other?.all.sum();
    });
    if (summed) warn(`${source.file}: more than ${MOST_PIECES} slices, so they are summed by stack and the profile is not in time order; cut the trace for one that is`);
    const [unit, scale] = unitOf(clock);
    const frames = table.frames.map((name) => ({ name }));
    const head = { $schema: 'https://www.speedscope.app/file-format-schema.json', exporter: `rumpsim: ${command}`, name: `${kind} of ${producer.name}, ${nameOf(clock)}`, shared: { frames } };
    out(ENCODER.encode(`${JSON.stringify(head).slice(0, -1)},"profiles":[`));
    let separator = '';
    const write = (name: string, { stacks, values }: Profile): void => {
      const endValue = values.reduce((total, value) => total + value, 0) / scale;
      const text = { type: 'sampled', name, unit, startValue: 0, endValue, samples: stacks.map((stack) => table.stacks[stack] ?? []), weights: values.map((value) => value / scale) };
      out(ENCODER.encode(`${separator}${JSON.stringify(text)}`));
      separator = ',';
    };
    for (const [group, processor] of processors.entries()) {
      if (processor === undefined) continue;
      const name = kind === 'kernel' ? 'kernel entries' : `cpu ${group}`;
      write(summed ? `${name}, summed by stack` : name, processor.all);
      write(`${name}, busy time summed by stack`, processor.busy);
    }
    out(ENCODER.encode(']}\n'));
  },
};

/** Speedscope knows times, and numbers without a unit. Returns the unit and the clock's units in one of it. */
function unitOf({ unit }: TraceClock): ['nanoseconds' | 'none', number] {
  if (unit === 'ps') return ['nanoseconds', 1000];
  return unit === 'ns' ? ['nanoseconds', 1] : ['none', 1];
}

function processor(summed: boolean): Processor {
  const [all, busy] = [new Profile(), new Profile()];
  if (summed) all.sum();
  busy.sum();
  return { all, busy };
}

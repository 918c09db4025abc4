import { z } from 'zod';
import { TRACE_FORMATS, TRACE_KINDS, type TraceKind } from './format.ts';
import { TraceError } from './trace-error.ts';
import type { Vocabulary } from './vocabulary.ts';

/** Key of the Arrow schema's metadata under which the JSON text stands. */
export const METADATA_KEY = 'rumpsim.trace';
export const TRACE_FORMAT = 'rumpsim-trace';
export const TRACE_VERSION = 1;

const count = z.int().nonnegative();
const positive = z.int().positive();

const clock = z.object({
  domain: z.enum(['simulated', 'host', 'virtual', 'tsc'])
    .describe('Whose time it is: simulated: a simulator\'s; host: a real machine\'s clock; virtual: an emulator\'s clock, driven by instructions; tsc: a processor\'s time stamp counter.'),
  unit: z.enum(['ps', 'ns', 'instructions', 'cycles']).describe('Unit of column t and of every time in the trace.'),
  picoseconds: z.object({ numerator: positive, denominator: positive }).describe('Length of one unit in picoseconds, as a fraction.'),
  origin: z.string().regex(/^-?(?:0|[1-9]\d*)$/).describe('Time of t = 0 on the clock, in its unit, as a decimal string: it may exceed what a double holds exactly.'),
  originMeaning: z.string().describe('What the clock counts from, for instance "start of the run" or "1970-01-01T00:00:00Z".'),
});

/** What a trace says of itself. */
export const traceMetadata = z.object({
  format: z.literal(TRACE_FORMAT),
  version: z.literal(TRACE_VERSION).describe('Changes when an old reader would misread a new trace.'),
  kind: z.enum(TRACE_KINDS).describe('wire: frames in and out of a machine; hardware: what its devices did; kernel: entries into its kernel; ledger: what its processors spent their time on.'),
  clock,
  loop: z.enum(['closed', 'open']).describe('closed: the sender reacted to the receiver while this was recorded, so it fits another receiver only as far as both behave alike; open: it did not.'),
  producer: z.object({ name: z.string().min(1), version: z.string() }).describe('The program that recorded it.'),
  recorded: z.object({
    command: z.string().describe('Command line or procedure that recorded it.'),
    scenario: z.record(z.string(), z.unknown()).nullable().describe('The resolved scenario of a simulated run; null where there was none.'),
    notes: z.string().optional().describe('Conditions a reader has to know.'),
  }).describe('How it was recorded.'),
  columns: z.array(z.object({ name: z.string(), type: z.enum(['int8', 'int16', 'int32', 'int64', 'dictionary']), unit: z.string(), meaning: z.string() }))
    .describe('The columns; unit "clock" is the clock\'s unit.'),
  dictionaries: z.record(z.string(), z.array(z.object({ name: z.string(), meaning: z.string() }))).describe('Names that can occur in the dictionary columns, by column.'),
  flows: z.array(z.object({ flow: count, meaning: z.string() })).optional().describe('Connections of a wire trace.'),
  rows: count.nullable().describe('Rows in all; null: the writer did not get to the end.'),
  frames: z.object({ in: count, out: count }).optional().describe('Rows of a wire trace by direction.'),
  span: z.object({ first: count, last: count }).nullable().describe('Column t of the first and the last row; null without rows.'),
}).describe('Metadata of a rumpsim trace: JSON text under the key "rumpsim.trace" of the Arrow schema\'s metadata.');

export type TraceMetadata = z.infer<typeof traceMetadata>;
export type TraceClock = TraceMetadata['clock'];

/** The simulator's own clock. */
export const SIMULATED_CLOCK: TraceClock = {
  domain: 'simulated', unit: 'ps', picoseconds: { numerator: 1, denominator: 1 }, origin: '0', originMeaning: 'start of the run',
};

/** What the recorder of a trace has to say; the rest follows from the kind and from the rows. */
export type TraceOrigin = Pick<TraceMetadata, 'clock' | 'loop' | 'producer' | 'recorded' | 'flows'>;

/** Metadata of a trace that has no rows yet. */
export function newMetadata(kind: TraceKind, origin: TraceOrigin): TraceMetadata {
  const { columns, dictionaries } = TRACE_FORMATS[kind];
  const { clock, loop, producer, recorded, flows } = origin;
  return {
    format: TRACE_FORMAT, version: TRACE_VERSION, kind, clock, loop, producer, recorded,
    columns: columns.map(({ name, type, unit, meaning }) => ({ name, type, unit, meaning })),
    dictionaries: Object.fromEntries(Object.entries(dictionaries).map(([column, names]) => [column, names.map(({ name, meaning }) => ({ name, meaning }))])),
    ...(flows === undefined ? {} : { flows }),
    rows: null,
    span: null,
  };
}

/** Metadata of a trace whose rows are written. What its dictionaries have grown by stands behind the names of the format, without a meaning. */
export function completeMetadata(begun: TraceMetadata, { frames, flows = begun.flows }: Pick<TraceMetadata, 'frames' | 'flows'>, rows: number, span: TraceMetadata['span'], vocabulary: ReadonlyMap<string, Vocabulary>): TraceMetadata {
  const dictionaries = Object.fromEntries(Object.entries(begun.dictionaries).map(([column, known]) => {
    const added = vocabulary.get(column)?.names.slice(known.length) ?? [];
    return [column, [...known, ...added.map((name) => ({ name, meaning: '' }))]];
  }));
  return { ...begun, rows, span, dictionaries, ...(frames === undefined ? {} : { frames }), ...(flows === undefined ? {} : { flows }) };
}

/** Reads the metadata of `file`. @throws TraceError that names what is missing or wrong. */
export function parseMetadata(file: string, text: string | undefined): TraceMetadata {
  const fail = (problem: string, remedy = 'record the trace again'): never => {
    throw new TraceError(file, 'metadata', problem, remedy);
  };
  if (text === undefined) return fail(`this Arrow file has no '${METADATA_KEY}', so it is not a trace`, 'give a file that was recorded as a trace');
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return fail(`'${METADATA_KEY}' is not JSON`);
  }
  const head = z.object({ format: z.unknown().optional(), version: z.unknown().optional() }).safeParse(json);
  if (!head.success || head.data.format !== TRACE_FORMAT) return fail(`format is not '${TRACE_FORMAT}'`, 'give a file that was recorded as a trace');
  if (head.data.version !== TRACE_VERSION) {
    return fail(`${head.data.version === undefined ? 'no version' : `version ${JSON.stringify(head.data.version)}`}, this program reads version ${TRACE_VERSION}`, 'record the trace again, or use the program that wrote it');
  }
  const parsed = traceMetadata.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  return fail(issue === undefined ? 'it cannot be read' : `${issue.path.join('.')}: ${issue.message}`);
}

/** The JSON Schema of the metadata, as it is published. */
export function metadataJsonSchema(): Record<string, unknown> {
  return { $id: 'trace-metadata.schema.json', ...z.toJSONSchema(traceMetadata, { io: 'input' }) };
}

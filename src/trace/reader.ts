import { type Data, DataType, type RecordBatch } from 'apache-arrow';
import { ArrowMessages } from './arrow-messages.ts';
import { type DictionaryNames, held, isNamed, isNumeric, NameReader, readIntegers, ValueError } from './column-reader.ts';
import { TRACE_FORMATS, type TraceFormat, type TraceKind } from './format.ts';
import { METADATA_KEY, parseMetadata, type TraceClock, type TraceMetadata } from './metadata.ts';
import type { TraceBatch, TraceSource } from './source.ts';
import { TraceError } from './trace-error.ts';
import { vocabularies } from './vocabulary.ts';

/** What a reader of a trace needs it to be; anything else is refused. */
export interface TraceNeeds {
  readonly kind?: TraceKind | undefined;
  readonly clock?: Pick<TraceClock, 'domain' | 'unit'>;
  /** Read a file that was cut off up to its last whole batch, with a warning, instead of refusing it. */
  readonly tolerate?: boolean;
  /** What the user calls the file, for messages; its path if left out. */
  readonly name?: string;
}

/** Reads a trace a batch at a time, in memory that does not depend on its length. */
export class TraceReader implements TraceSource {
  readonly file: string;
  readonly metadata: TraceMetadata;
  /** What a reader should tell its user. */
  readonly warnings: string[] = [];
  /** Rows read so far. */
  rows = 0;
  private readonly messages: ArrowMessages;
  private readonly format: TraceFormat;
  private readonly places = new Map<string, number>();
  private readonly vocabulary: ReadonlyMap<string, NameReader>;
  private readonly doubles = new Map<string, Float64Array>();
  private readonly codes = new Map<string, Int32Array>();
  private last = 0;

  /** @throws TraceError when the file cannot be opened, is cut off, is no trace, or is not what is needed. */
  constructor(file: string, needs: TraceNeeds = {}) {
    this.file = needs.name ?? file;
    this.messages = new ArrowMessages(file, this.file, needs.tolerate === true);
    try {
      this.metadata = parseMetadata(this.file, this.messages.metadata(METADATA_KEY));
      this.format = TRACE_FORMATS[this.metadata.kind];
      this.vocabulary = new Map([...vocabularies(this.format.dictionaries)].map(([column, vocabulary]) => [column, new NameReader(vocabulary)]));
      this.refuseOther(needs);
      this.checkColumns();
    } catch (error) {
      this.close();
      throw error;
    }
    if (!this.messages.whole) this.warnings.push(`${this.file}: the file is cut off; only its whole batches are read`);
  }

  names(column: string): readonly string[] {
    return this.vocabulary.get(column)?.vocabulary.names ?? [];
  }

  /** @throws TraceError with the byte of a damaged batch or the row that is out of order. */
  next(): TraceBatch | null {
    const found = this.messages.nextBatch();
    if (found === null) {
      this.finish();
      return null;
    }
    const { batch } = found;
    const { numRows: rows } = batch;
    const firstRow = this.rows;
    const t = this.integers('t', batch, firstRow);
    this.checkOrder(t, firstRow);
    this.rows += rows;
    return { rows, firstRow, t, integers: (name, some) => this.integers(name, batch, firstRow, some), codes: (name) => this.names32(name, batch, firstRow) };
  }

  close(): void {
    this.messages.close();
  }

  private finish(): void {
    const { rows } = this.metadata;
    if (this.messages.whole && rows !== null && rows !== this.rows) this.warnings.push(`${this.file}: its metadata say ${rows} rows, it has ${this.rows}`);
    this.close();
  }

  private integers(name: string, batch: RecordBatch, firstRow: number, rows: Int32Array | null = null): Float64Array {
    return this.column(name, batch, firstRow, (data) => {
      const target = room(this.doubles, name, rows === null ? data.length : rows.length, (size) => new Float64Array(size));
      readIntegers(data, target, rows);
      return target;
    });
  }

  private names32(name: string, batch: RecordBatch, firstRow: number): Int32Array {
    return this.column(name, batch, firstRow, (data) => {
      const names = this.vocabulary.get(name);
      if (names === undefined) throw new RangeError(`column ${name} holds integers, not names`);
      const target = room(this.codes, name, data.length, (size) => new Int32Array(size));
      names.read(data, this.dictionaryOf(data), target);
      return target;
    });
  }

  private dictionaryOf({ type }: Data): DictionaryNames | undefined {
    return DataType.isDictionary(type) ? this.messages.names(type.id) : undefined;
  }

  private column<T>(name: string, batch: RecordBatch, firstRow: number, read: (data: Data) => T): T {
    const place = this.places.get(name);
    if (place === undefined) throw new RangeError(`a ${this.format.kind} trace has no column ${name}`);
    try {
      const data = batch.data.children[place];
      if (data === undefined || data.length !== batch.numRows) throw new ValueError(0, `the column has ${data?.length ?? 0} rows, its batch ${batch.numRows}`);
      if (held(data) < data.length) throw new ValueError(held(data), 'the values end before the rows do');
      return read(data);
    } catch (error) {
      if (error instanceof ValueError) throw this.error(`row ${firstRow + error.row}`, `${name}: ${error.message}`, 'correct the row or record the trace again');
      throw this.error(`row ${firstRow}`, `${name}: cannot be read (${error instanceof Error ? error.message : String(error)})`, 'the file is damaged: copy or record it again');
    }
  }

  private checkOrder(t: Float64Array, firstRow: number): void {
    let { last } = this;
    for (let row = 0; row < t.length; row++) {
      const tick = t[row]!;
      if (tick < last) throw this.error(`row ${firstRow + row}`, `t ${tick} is before ${last} of the row before it`, 'sort the rows by t');
      last = tick;
    }
    this.last = last;
  }

  private refuseOther({ kind, clock }: TraceNeeds): void {
    const { metadata } = this;
    if (kind !== undefined && metadata.kind !== kind) throw this.error('metadata', `this is a ${metadata.kind} trace`, `give a ${kind} trace`);
    if (clock === undefined || (metadata.clock.domain === clock.domain && metadata.clock.unit === clock.unit)) return;
    throw this.error('metadata', `its clock is ${metadata.clock.domain}, in ${metadata.clock.unit}`, `give a trace of ${clock.domain} time in ${clock.unit}`);
  }

  private checkColumns(): void {
    const { fields } = this.messages.schema;
    for (const { name, type } of this.format.columns) {
      const place = fields.findIndex((field) => field.name === name);
      const field = fields[place];
      if (field === undefined) throw this.error('schema', `column ${name} is missing`, 'record the trace again');
      const fits = type === 'dictionary' ? isNamed(field.type) : isNumeric(field.type);
      if (!fits) throw this.error('schema', `column ${name} holds ${typeText(field.type)}, not ${type === 'dictionary' ? 'names' : 'integers'}`, 'record the trace again');
      this.places.set(name, place);
    }
  }

  private error(place: string, problem: string, remedy: string): TraceError {
    return new TraceError(this.file, place, problem, remedy);
  }
}

/** The first `rows` places of an array that is kept from batch to batch. */
function room<T extends Float64Array | Int32Array>(kept: Map<string, T>, name: string, rows: number, make: (size: number) => T): T {
  let array = kept.get(name);
  if (array === undefined || array.length < rows) {
    array = make(rows);
    kept.set(name, array);
  }
  return array.subarray(0, rows) as T;
}

/** The library names a nested type by its children, which a damaged schema may not have. */
function typeText(type: unknown): string {
  try {
    return String(type);
  } catch {
    return 'a type that cannot be read';
  }
}

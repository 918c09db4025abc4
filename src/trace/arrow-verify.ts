/** Flatbuffer fields of Arrow's metadata, by their numbers (arrow/format/Message.fbs, Schema.fbs, File.fbs). */
const MESSAGE = { header: 2, headerType: 1, custom: 4 } as const;
const FOOTER = { schema: 1, dictionaries: 2, batches: 3, custom: 4 } as const;
const SCHEMA = { fields: 1, custom: 2, features: 3 } as const;
const FIELD = { name: 0, typeType: 2, type: 3, dictionary: 4, children: 5, custom: 6 } as const;
const UNION = { typeIds: 1 } as const;
const KEY_VALUE = { key: 0, value: 1 } as const;
const RECORD_BATCH = { length: 0, nodes: 1, buffers: 2, compression: 3, variadic: 4 } as const;
const DICTIONARY_BATCH = { data: 1 } as const;
const HEADER = { schema: 1, dictionaryBatch: 2, recordBatch: 3 } as const;
const TYPE_UNION = 14;

/** Bytes of the structs FieldNode, Buffer and Block. */
const NODE = 16;
const BUFFER = 16;
const BLOCK = 24;
/** More fields than any trace has, nested ones counted. */
const MOST_FIELDS = 1000;

/**
 * Checks the tables and vectors of Arrow metadata against their buffer. The library trusts every count in them: one wrong byte would let it loop or allocate
 * without end.
 */
export class ArrowVerifier {
  private readonly view: DataView;
  private fields = 0;

  constructor(bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** A message with a body of `bodyBytes`. @throws RangeError when it claims what cannot be. */
  message(bodyBytes: number): void {
    const root = this.indirect(0);
    this.keyValues(root, MESSAGE.custom);
    const type = this.place(root, MESSAGE.headerType);
    const header = this.table(root, MESSAGE.header);
    if (type === 0 || header === 0) throw new RangeError('the message has no header');
    switch (this.view.getUint8(type)) {
      case HEADER.schema: return this.schema(header);
      case HEADER.recordBatch: return this.recordBatch(header, bodyBytes);
      case HEADER.dictionaryBatch: {
        const data = this.table(header, DICTIONARY_BATCH.data);
        return data === 0 ? undefined : this.recordBatch(data, bodyBytes);
      }
    }
  }

  /** The footer of a file. @throws RangeError likewise. */
  footer(): void {
    const root = this.indirect(0);
    this.vector(root, FOOTER.dictionaries, BLOCK);
    this.vector(root, FOOTER.batches, BLOCK);
    this.keyValues(root, FOOTER.custom);
    const schema = this.table(root, FOOTER.schema);
    if (schema === 0) throw new RangeError('the footer has no schema');
    this.schema(schema);
  }

  private schema(table: number): void {
    this.keyValues(table, SCHEMA.custom);
    this.vector(table, SCHEMA.features, 8);
    this.fieldList(table, SCHEMA.fields);
  }

  private fieldList(table: number, field: number): void {
    for (const item of this.tables(table, field)) {
      if (++this.fields > MOST_FIELDS) throw new RangeError(`more than ${MOST_FIELDS} fields`);
      this.vector(item, FIELD.name, 1);
      this.keyValues(item, FIELD.custom);
      this.table(item, FIELD.dictionary);
      const type = this.table(item, FIELD.type);
      const typeType = this.place(item, FIELD.typeType);
      if (type !== 0 && typeType !== 0 && this.view.getUint8(typeType) === TYPE_UNION) this.vector(type, UNION.typeIds, 4);
      this.fieldList(item, FIELD.children);
    }
  }

  private recordBatch(table: number, bodyBytes: number): void {
    this.vector(table, RECORD_BATCH.variadic, 8);
    this.vector(table, RECORD_BATCH.buffers, BUFFER);
    const { at, length } = this.vector(table, RECORD_BATCH.nodes, NODE);
    const rows = this.place(table, RECORD_BATCH.length);
    // A row takes a byte at least; a compressed one perhaps less, but not without bound.
    const most = BigInt(bodyBytes) * (this.table(table, RECORD_BATCH.compression) === 0 ? 1n : 256n);
    this.count(rows === 0 ? 0n : this.view.getBigInt64(rows, true), most);
    for (let node = 0; node < length; node++) this.count(this.view.getBigInt64(at + node * NODE, true), most);
  }

  private count(rows: bigint, most: bigint): void {
    if (rows < 0n || rows > most) throw new RangeError(`${rows} rows where ${most} fit at most`);
  }

  private keyValues(table: number, field: number): void {
    for (const item of this.tables(table, field)) {
      this.vector(item, KEY_VALUE.key, 1);
      this.vector(item, KEY_VALUE.value, 1);
    }
  }

  private tables(table: number, field: number): number[] {
    const { at, length } = this.vector(table, field, 4);
    return Array.from({ length }, (_, index) => this.indirect(at + index * 4));
  }

  /** The vector a field points to, its end inside the buffer. */
  private vector(table: number, field: number, size: number): { readonly at: number; readonly length: number } {
    const place = this.place(table, field);
    if (place === 0) return { at: 0, length: 0 };
    const at = this.indirect(place) + 4;
    const length = this.view.getUint32(at - 4, true);
    if (at + length * size > this.view.byteLength) throw new RangeError(`a list of ${length} reaches beyond its message`);
    return { at, length };
  }

  private table(table: number, field: number): number {
    const place = this.place(table, field);
    return place === 0 ? 0 : this.indirect(place);
  }

  /** Where a field of a table stands; 0 when it is left out. DataView throws for what lies outside. */
  private place(table: number, field: number): number {
    const vtable = table - this.view.getInt32(table, true);
    const offset = 4 + 2 * field < this.view.getUint16(vtable, true) ? this.view.getUint16(vtable + 4 + 2 * field, true) : 0;
    return offset === 0 ? 0 : table + offset;
  }

  private indirect(place: number): number {
    return place + this.view.getUint32(place, true);
  }
}

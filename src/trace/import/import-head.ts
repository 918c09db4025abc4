import type { TraceKind } from '../format.ts';
import type { OpenSink, TraceSink, TraceSummary } from '../sink.ts';
import { TraceError } from '../trace-error.ts';
import { detect, HEAD_BYTES, isArrow } from './detect.ts';
import { IMPORT_FORMATS } from './formats.ts';
import type { ImportFormat, Importer } from './importer.ts';

/** What is known of a file that is to be imported, wherever its bytes come from. */
export interface HeadOptions {
  /** As the user named it, for messages. */
  readonly file: string;
  /** If left out it is found from the content. */
  readonly format?: ImportFormat | undefined;
  readonly kind?: TraceKind | undefined;
  readonly local?: string | undefined;
  readonly strict?: boolean | undefined;
  readonly command: string;
  warn(text: string): void;
}

/** Looks at the beginning of a file to find its format, then passes it on as it comes. Runs in a browser too: no Node API. */
export class ImportHead {
  private readonly options: HeadOptions;
  private readonly open: OpenSink;
  private readonly copy: (() => Importer) | undefined;
  private readonly kept: Uint8Array[] = [];
  private bytes = 0;
  private importer: Importer | null = null;

  /** `copy`: takes an Arrow file; without it one is refused. */
  constructor(options: HeadOptions, open: OpenSink, copy?: () => Importer) {
    this.options = options;
    this.open = openOnce(open);
    this.copy = copy;
  }

  /** Whether there has been a byte. */
  get begun(): boolean {
    return this.importer !== null || this.bytes > 0;
  }

  /** Bytes of the file, decompressed, in chunks of any size. @throws TraceError. */
  push(chunk: Uint8Array): void {
    if (this.importer !== null) {
      this.importer.push(chunk);
      return;
    }
    this.kept.push(chunk);
    this.bytes += chunk.byteLength;
    if (this.bytes >= HEAD_BYTES) this.begin();
  }

  /** The end of the file. @throws TraceError. */
  end(): TraceSummary {
    return (this.importer ?? this.begin()).end();
  }

  private begin(): Importer {
    const head = joined(this.kept, this.bytes);
    const importer = this.options.format === undefined && this.copy !== undefined && isArrow(head) ? this.copy() : this.create(head);
    this.importer = importer;
    importer.push(head);
    this.kept.length = 0;
    return importer;
  }

  private create(head: Uint8Array): Importer {
    const { file, kind, local, strict = false, command, warn } = this.options;
    const format = this.options.format ?? detect(head) ?? unknown(file, head);
    if (kind !== undefined && !format.kinds.includes(kind)) throw new TraceError(file, '', `a ${format.name} file gives no ${kind} trace`, `leave --kind out, or give ${format.kinds.join(' or ')}`);
    return format.create({ file, strict, kind, local, command, open: this.open, warn });
  }
}

function joined(chunks: readonly Uint8Array[], bytes: number): Uint8Array {
  const all = new Uint8Array(bytes);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.byteLength;
  }
  return all;
}

function openOnce(open: OpenSink): OpenSink {
  let sink: TraceSink | null = null;
  return (kind, origin) => {
    if (sink !== null) throw new Error('an importer opens one trace');
    sink = open(kind, origin);
    return sink;
  };
}

function unknown(file: string, head: Uint8Array): never {
  const formats = IMPORT_FORMATS.map(({ name }) => name).join(', ');
  if (head.byteLength === 0) throw new TraceError(file, 'byte 0', 'the file is empty', 'give the path of a recording');
  if (isArrow(head)) throw new TraceError(file, 'byte 0', 'this is an Arrow file, which needs no import', 'give its path where a trace is wanted');
  throw new TraceError(file, 'byte 0', 'no known format begins like this', `give a file of one of the formats ${formats}, or name it: --format`);
}

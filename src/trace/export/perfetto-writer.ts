import { PbfWriter } from 'pbf';
import type { TraceClock } from '../metadata.ts';
import { toNanoseconds } from './alignment.ts';
import { Annotation, type AnnotationKind, FlowStep, type FlowStepCode, type TimelineSink } from './timeline-sink.ts';

// Field numbers: google/perfetto@ec5d16b14b743ba6063d720956d6d6af6610fd72:protos/perfetto/trace/
// trace.proto, trace_packet.proto
const PACKET = 1;
const Packet = { timestamp: 8, sequence: 10, trackEvent: 11, internedData: 12, sequenceFlags: 13, trackDescriptor: 60 } as const;
const CLEARED = 1;
const NEEDS_STATE = 2;
// interned_data/interned_data.proto; track_event/track_event.proto and debug_annotation.proto; profiling/profile_common.proto
const Interned = { eventNames: 2, annotationNames: 3, annotationStrings: 29 } as const;
const Entry = { iid: 1, text: 2 } as const;
// track_event/track_descriptor.proto, process_descriptor.proto, thread_descriptor.proto, counter_descriptor.proto
const Descriptor = { uuid: 1, name: 2, process: 3, thread: 4, parent: 5, counter: 8, childOrdering: 11, rank: 12, description: 14 } as const;
const Process = { pid: 1, name: 6 } as const;
const Thread = { pid: 1, tid: 2, name: 5 } as const;
const Counter = { unitName: 6 } as const;
const EXPLICIT = 3;
// track_event/track_event.proto, debug_annotation.proto
const Event = { annotations: 4, type: 9, nameIid: 10, track: 11, counterValue: 30, doubleValue: 44, flows: 47, lastFlows: 48 } as const;
const Type = { begin: 1, end: 2, instant: 3, counter: 4 } as const;
const DebugAnnotation = { nameIid: 1, count: 3, address: 7, nameValue: 17 } as const;

/** The sequence of slices and instants. A counter is one of its own, numbered above this, since what it counts is known late: each sequence is in time order. */
const EVENTS = 1;
/** Bytes that are given out at once. */
const PIECE = 1 << 18;
/** What a name has been interned for: the format keeps a table for each use. */
const USE_EVENT = 1;
const USE_KEY = 2;
const USE_STRING = 4;
/** Field of an annotation's value, by its kind. */
const FIELD_OF = [DebugAnnotation.count, DebugAnnotation.address, DebugAnnotation.nameValue] as const;
/** More than any view says of an event. */
const MOST_ANNOTATIONS = 32;

/** Writes Perfetto's protobuf trace. Times are nanoseconds from the common origin; names are interned. */
export class PerfettoWriter implements TimelineSink {
  private readonly out: (bytes: Uint8Array) => void;
  private readonly nanoseconds: (units: number) => number;
  private readonly pbf = new PbfWriter(new Uint8Array(2 * PIECE));
  private readonly codes = new Map<string, number>();
  private readonly texts: string[] = [''];
  /** Uses for which each name has been written, a bit each. */
  private readonly interned: number[] = [0];
  private readonly processors = new Set<number>();
  private rank = 0;
  private readonly event = new StagedEvent();

  constructor(clock: TraceClock, out: (bytes: Uint8Array) => void) {
    this.out = out;
    this.nanoseconds = toNanoseconds(clock);
    this.clear(EVENTS);
  }

  group(id: number, name: string, meaning: string, processor: boolean): void {
    if (processor) this.processors.add(id);
    this.describe(id, name, (pbf) => {
      pbf.writeStringField(Descriptor.description, meaning);
      if (processor) pbf.writeMessage(Descriptor.process, writeProcess, { pid: id, name });
      else pbf.writeVarintField(Descriptor.childOrdering, EXPLICIT);
    });
  }

  track(id: number, group: number, name: string): void {
    this.describe(id, name, (pbf) => {
      if (this.processors.has(group)) pbf.writeMessage(Descriptor.thread, writeThread, { pid: group, tid: id, name });
      else this.writeParent(pbf, group);
    });
  }

  counter(id: number, group: number, name: string, unit: string): void {
    this.describe(id, name, (pbf) => {
      this.writeParent(pbf, group);
      pbf.writeMessage(Descriptor.counter, (text, inner) => inner.writeStringField(Counter.unitName, text), unit);
    });
    this.clear(EVENTS + id);
  }

  name(text: string): number {
    let code = this.codes.get(text);
    if (code === undefined) {
      code = this.texts.push(text) - 1;
      this.interned.push(0);
      this.codes.set(text, code);
    }
    return code;
  }

  annotate(kind: AnnotationKind, key: number, value: number): void {
    const { event } = this;
    if ((this.interned[key]! & USE_KEY) === 0) this.intern(key, USE_KEY, Interned.annotationNames);
    if (kind === Annotation.name && (this.interned[value]! & USE_STRING) === 0) this.intern(value, USE_STRING, Interned.annotationStrings);
    const place = event.annotations++;
    event.fields[place] = FIELD_OF[kind]!; // one for each kind
    event.keys[place] = key;
    event.values[place] = value;
  }

  begin(track: number, t: number, name: number, flow: number): void {
    this.write(Type.begin, track, t, name, flow, false);
  }

  end(track: number, t: number): void {
    this.write(Type.end, track, t, 0, 0, false);
  }

  instant(track: number, t: number, name: number, flow: number, step: FlowStepCode): void {
    this.write(Type.instant, track, t, name, flow, step === FlowStep.last);
  }

  count(track: number, t: number, value: number): void {
    const { event, pbf } = this;
    event.set(Type.counter, track, this.nanoseconds(t), 0, 0, false);
    event.value = value;
    pbf.writeMessage(PACKET, writeCounterPacket, event);
    this.give();
  }

  finish(): void {
    const { pbf } = this;
    if (pbf.pos > 0) this.out(pbf.buf.subarray(0, pbf.pos));
    pbf.pos = 0;
  }

  /** A sequence begins: nothing has been interned. */
  private clear(sequence: number): void {
    this.pbf.writeMessage(PACKET, (_, pbf) => writeState(pbf, sequence, CLEARED), null);
  }

  private write(type: number, track: number, t: number, name: number, flow: number, last: boolean): void {
    const { event } = this;
    if (name !== 0 && (this.interned[name]! & USE_EVENT) === 0) this.intern(name, USE_EVENT, Interned.eventNames);
    event.set(type, track, this.nanoseconds(t), name, flow, last);
    this.pbf.writeMessage(PACKET, writeEventPacket, event);
    event.annotations = 0;
    this.give();
  }

  private give(): void {
    if (this.pbf.pos >= PIECE) this.finish();
  }

  /** A packet of its own before the event that needs the name. */
  private intern(code: number, use: number, table: number): void {
    this.interned[code]! |= use;
    const entry = { iid: code, text: this.texts[code] ?? '' };
    this.pbf.writeMessage(PACKET, (_, pbf) => {
      writeState(pbf, EVENTS, NEEDS_STATE);
      pbf.writeMessage(Packet.internedData, (_, data) => data.writeMessage(table, writeEntry, entry), null);
    }, null);
  }

  private describe(id: number, name: string, rest: (pbf: PbfWriter) => void): void {
    this.pbf.writeMessage(PACKET, (_, pbf) => {
      writeState(pbf, EVENTS, NEEDS_STATE);
      pbf.writeMessage(Packet.trackDescriptor, (_, descriptor) => {
        descriptor.writeVarintField(Descriptor.uuid, id);
        descriptor.writeStringField(Descriptor.name, name);
        rest(descriptor);
      }, null);
    }, null);
    this.give();
  }

  private writeParent(pbf: PbfWriter, group: number): void {
    pbf.writeVarintField(Descriptor.parent, group);
    pbf.writeVarintField(Descriptor.rank, this.rank++);
  }
}

/** The event that is being written. It is passed to the functions below, so that an event allocates nothing. */
class StagedEvent {
  type = 0;
  track = 0;
  /** Nanoseconds. */
  t = 0;
  name = 0;
  flow = 0;
  last = false;
  value = 0;
  annotations = 0;
  /** Annotations: the field of each value, the code of its name, and itself. */
  readonly fields = new Float64Array(MOST_ANNOTATIONS);
  readonly keys = new Float64Array(MOST_ANNOTATIONS);
  readonly values = new Float64Array(MOST_ANNOTATIONS);
  /** The annotation that is being written. */
  place = 0;

  set(type: number, track: number, t: number, name: number, flow: number, last: boolean): void {
    this.type = type;
    this.track = track;
    this.t = t;
    this.name = name;
    this.flow = flow;
    this.last = last;
  }
}

function writeState(pbf: PbfWriter, sequence: number, flags: number): void {
  pbf.writeVarintField(Packet.sequence, sequence);
  pbf.writeVarintField(Packet.sequenceFlags, flags);
}

function writeEventPacket(event: StagedEvent, pbf: PbfWriter): void {
  pbf.writeVarintField(Packet.timestamp, event.t);
  writeState(pbf, EVENTS, NEEDS_STATE);
  pbf.writeMessage(Packet.trackEvent, writeEvent, event);
}

function writeEvent(event: StagedEvent, pbf: PbfWriter): void {
  pbf.writeVarintField(Event.type, event.type);
  pbf.writeVarintField(Event.track, event.track);
  if (event.name !== 0) pbf.writeVarintField(Event.nameIid, event.name);
  for (event.place = 0; event.place < event.annotations; event.place++) pbf.writeMessage(Event.annotations, writeAnnotation, event);
  if (event.flow !== 0) pbf.writeFixed64Field(event.last ? Event.lastFlows : Event.flows, event.flow);
}

function writeAnnotation({ place, fields, keys, values }: StagedEvent, pbf: PbfWriter): void {
  pbf.writeVarintField(DebugAnnotation.nameIid, keys[place]!); // staged before, here and below
  pbf.writeVarintField(fields[place]!, values[place]!);
}

function writeCounterPacket(event: StagedEvent, pbf: PbfWriter): void {
  pbf.writeVarintField(Packet.timestamp, event.t);
  writeState(pbf, EVENTS + event.track, NEEDS_STATE);
  pbf.writeMessage(Packet.trackEvent, writeCount, event);
}

function writeCount({ type, track, value }: StagedEvent, pbf: PbfWriter): void {
  pbf.writeVarintField(Event.type, type);
  pbf.writeVarintField(Event.track, track);
  if (Number.isSafeInteger(value)) pbf.writeVarintField(Event.counterValue, value);
  else pbf.writeDoubleField(Event.doubleValue, value);
}

function writeEntry({ iid, text }: { readonly iid: number; readonly text: string }, pbf: PbfWriter): void {
  pbf.writeVarintField(Entry.iid, iid);
  pbf.writeStringField(Entry.text, text);
}

function writeProcess({ pid, name }: { readonly pid: number; readonly name: string }, pbf: PbfWriter): void {
  pbf.writeVarintField(Process.pid, pid);
  pbf.writeStringField(Process.name, name);
}

function writeThread({ pid, tid, name }: { readonly pid: number; readonly tid: number; readonly name: string }, pbf: PbfWriter): void {
  pbf.writeVarintField(Thread.pid, pid);
  pbf.writeVarintField(Thread.tid, tid);
  pbf.writeStringField(Thread.name, name);
}

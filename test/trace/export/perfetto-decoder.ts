import { fileURLToPath } from 'node:url';
import protobuf from 'protobufjs';

interface Annotation {
  readonly nameIid: string;
  readonly uintValue?: string;
  readonly pointerValue?: string;
  readonly stringValueIid?: string;
}

interface Packet {
  readonly timestamp?: string;
  readonly trustedPacketSequenceId: number;
  readonly sequenceFlags: number;
  readonly trackEvent?: {
    readonly type: string;
    readonly trackUuid: string;
    readonly nameIid?: string;
    readonly counterValue?: string;
    readonly doubleCounterValue?: number;
    readonly debugAnnotations?: readonly Annotation[];
    readonly flowIds?: readonly string[];
    readonly terminatingFlowIds?: readonly string[];
  };
  readonly internedData?: {
    readonly eventNames?: readonly { readonly iid: string; readonly name: string }[];
    readonly debugAnnotationNames?: readonly { readonly iid: string; readonly name: string }[];
    readonly debugAnnotationStringValues?: readonly { readonly iid: string; readonly str: string }[];
  };
  readonly trackDescriptor?: {
    readonly uuid: string;
    readonly name: string;
    readonly parentUuid?: string;
    readonly process?: { readonly pid: number; readonly processName: string };
    readonly thread?: { readonly pid: number; readonly tid: string; readonly threadName: string };
    readonly counter?: { readonly unitName: string };
  };
}

/** An event of a decoded trace. */
export interface Shown {
  readonly type: 'begin' | 'end' | 'instant' | 'counter';
  readonly t: number;
  /** `group/track`. */
  readonly track: string;
  readonly name: string;
  readonly said: Readonly<Record<string, string>>;
  readonly flow: string;
  readonly last: boolean;
  readonly value: number;
}

/** A slice of a decoded trace, put together from its ends as the format says: an end is that of the innermost open slice of the track. */
export interface Slice extends Shown {
  readonly duration: number;
  readonly depth: number;
}

const schema = protobuf.loadSync(fileURLToPath(new URL('perfetto.proto', import.meta.url))).lookupType('Trace');

function packets(bytes: Uint8Array): readonly Packet[] {
  const message = schema.decode(bytes);
  const problem = schema.verify(message);
  if (problem !== null) throw new Error(problem);
  // Every byte that the schema does not know would be lost here.
  if (schema.encode(message).finish().length !== bytes.length) throw new Error('the trace has fields that were not decoded');
  return (schema.toObject(message, { longs: String, enums: String, bytes: String }) as { readonly packet: readonly Packet[] }).packet;
}

/** Decodes a trace with protobufjs. @throws Error when a packet breaks the format: state, interning, track, order of time in a sequence. */
export function decode(bytes: Uint8Array): { readonly events: readonly Shown[]; readonly slices: readonly Slice[] } {
  const events: Shown[] = [];
  const slices: Slice[] = [];
  const tracks = new Map<string, string>();
  const names = new Map<string, string>();
  const keys = new Map<string, string>();
  const texts = new Map<string, string>();
  const cleared = new Set<number>();
  const times = new Map<number, number>();
  const open = new Map<string, Shown[]>();
  const found = (table: ReadonlyMap<string, string>, key: string): string => {
    const text = table.get(key);
    if (text === undefined) throw new Error(`${key} is used before it is defined`);
    return text;
  };
  for (const { timestamp, trustedPacketSequenceId: sequence, sequenceFlags, trackEvent, internedData, trackDescriptor } of packets(bytes)) {
    if (sequenceFlags === 1) cleared.add(sequence);
    else if (!cleared.has(sequence)) throw new Error('a packet needs state that was never cleared');
    for (const { iid, name } of internedData?.eventNames ?? []) names.set(iid, name);
    for (const { iid, name } of internedData?.debugAnnotationNames ?? []) keys.set(iid, name);
    for (const { iid, str } of internedData?.debugAnnotationStringValues ?? []) texts.set(iid, Buffer.from(str, 'base64').toString());
    if (trackDescriptor !== undefined) {
      const { uuid, name, parentUuid, thread } = trackDescriptor;
      const parent = parentUuid ?? (thread === undefined ? undefined : String(thread.pid));
      if (tracks.has(uuid)) throw new Error(`track ${uuid} is described twice`);
      tracks.set(uuid, parent === undefined ? name : `${found(tracks, parent)}/${name}`);
    }
    if (trackEvent === undefined) continue;
    const { type, trackUuid, nameIid, debugAnnotations = [], flowIds = [], terminatingFlowIds = [], counterValue, doubleCounterValue } = trackEvent;
    const t = Number(timestamp);
    if (t < (times.get(sequence) ?? 0)) throw new Error(`time goes back to ${t}`);
    times.set(sequence, t);
    const said = debugAnnotations.map(({ nameIid: key, uintValue, pointerValue, stringValueIid }): [string, string] => {
      const value = uintValue ?? (pointerValue === undefined ? undefined : `0x${Number(pointerValue).toString(16)}`) ?? found(texts, stringValueIid ?? '');
      return [found(keys, key), value];
    });
    const event: Shown = {
      type: type.replace(/^TYPE_(?:SLICE_)?/, '').toLowerCase() as Shown['type'], t, track: found(tracks, trackUuid), name: nameIid === undefined ? '' : found(names, nameIid),
      said: Object.fromEntries(said), flow: flowIds[0] ?? terminatingFlowIds[0] ?? '', last: terminatingFlowIds.length > 0, value: doubleCounterValue ?? Number(counterValue ?? NaN),
    };
    events.push(event);
    const stack = open.get(event.track) ?? [];
    open.set(event.track, stack);
    if (event.type === 'begin') stack.push(event);
    if (event.type !== 'end') continue;
    const begun = stack.pop();
    if (begun === undefined) throw new Error(`nothing is open on ${event.track} at ${t}`);
    slices.push({ ...begun, duration: t - begun.t, depth: stack.length });
  }
  const left = [...open.values()].flat();
  if (left.length > 0) throw new Error(`${left.length} slices are not ended`);
  return { events, slices };
}

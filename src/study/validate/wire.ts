import { WireKind } from '../../trace/format.ts';
import type { TraceSource } from '../../trace/source.ts';

/** One frame on the wire, as far as the simulation needs it. */
export interface WireFrame {
  /** Nanoseconds from `WireCapture.origin`. */
  readonly t: number;
  readonly inbound: boolean;
  /** On the wire without FCS. */
  readonly bytes: number;
  /** TCP payload; 0 for what has none. */
  readonly payload: number;
  /** Place of the payload in its connection's stream. */
  readonly offset: number;
}

export interface WireCapture {
  /** Nanoseconds of the capture's clock at t = 0. */
  readonly origin: bigint;
  /** The clock's zero is the emulated machine's start, as that of the kernel's trace is. */
  readonly fromStart: boolean;
  /** In order of time. */
  readonly frames: readonly WireFrame[];
}

/** The rows of a wire trace. @throws TraceError. */
export function wireCapture(source: TraceSource): WireCapture {
  const frames: WireFrame[] = [];
  const { clock } = source.metadata;
  const ns = clock.picoseconds.numerator / clock.picoseconds.denominator / 1000;
  for (let batch = source.next(); batch !== null; batch = source.next()) {
    const [kind, bytes, payload, seq] = [batch.codes('kind'), batch.integers('bytes'), batch.integers('payload'), batch.integers('seq')];
    for (let row = 0; row < batch.rows; row++) {
      const code = kind[row]!; // a column has the batch's rows, here and below
      frames.push({ t: batch.t[row]! * ns, inbound: code === WireKind.rxData || code === WireKind.rxAck || code === WireKind.rxOther, bytes: bytes[row]!, payload: payload[row]!, offset: seq[row]! });
    }
  }
  return { fromStart: clock.domain === 'virtual', origin: clock.unit === 'ps' ? BigInt(clock.origin) / 1000n : BigInt(clock.origin), frames };
}

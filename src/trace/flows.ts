import { DIRECTION_IN } from './format.ts';
import type { TraceSource } from './source.ts';

/** What came into the recorded machine on a connection. */
export interface FlowTotal {
  readonly flow: number;
  frames: number;
  payload: number;
}

/** Reads a wire trace to its end. Returns its flows with inbound frames, most payload first, equal ones by number. */
export function inboundFlows(source: TraceSource): readonly FlowTotal[] {
  const totals = new Map<number, FlowTotal>();
  for (let batch = source.next(); batch !== null; batch = source.next()) {
    const { rows } = batch;
    const direction = batch.integers('direction');
    const flow = batch.integers('flow');
    const payload = batch.integers('payload');
    let total: FlowTotal = { flow: -1, frames: 0, payload: 0 };
    for (let row = 0; row < rows; row++) {
      if (direction[row] !== DIRECTION_IN) continue;
      if (flow[row] !== total.flow) total = totalOf(totals, flow[row]!); // a column each
      total.frames++;
      total.payload += payload[row]!;
    }
  }
  return [...totals.values()].toSorted((a, b) => b.payload - a.payload || a.flow - b.flow);
}

function totalOf(totals: Map<number, FlowTotal>, flow: number): FlowTotal {
  let total = totals.get(flow);
  if (total === undefined) {
    total = { flow, frames: 0, payload: 0 };
    totals.set(flow, total);
  }
  return total;
}

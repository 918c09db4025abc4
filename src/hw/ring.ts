/** `to`, twice as long, with what the full ring `from` (positions & mask) held from position `head` on. */
export function moved<T extends Float64Array | Int32Array>(from: T, to: T, head: number, mask: number): T {
  for (let at = head; at <= head + mask; at++) to[at & (2 * mask + 1)] = from[at & mask]!; // inside both
  return to;
}

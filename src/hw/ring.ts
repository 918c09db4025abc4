/** `to`, twice as long, with what the full ring `from` (positions & mask) held from position `head` on. */
export function moved<T extends Float64Array | Int32Array>(from: T, to: T, head: number, mask: number): T {
  for (let at = head; at <= head + mask; at++) to[at & (2 * mask + 1)] = from[at & mask]!; // inside both
  return to;
}

/** The same for a full ring of records of `size` words each: an array twice as long. */
export function widened(from: Float64Array, size: number, head: number, mask: number): Float64Array<ArrayBuffer> {
  const to = new Float64Array(2 * from.length);
  for (let at = head; at <= head + mask; at++) to.set(from.subarray((at & mask) * size, ((at & mask) + 1) * size), (at & (2 * mask + 1)) * size);
  return to;
}

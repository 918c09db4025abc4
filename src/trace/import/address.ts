/** An address as a user gives it: an IP address in four words, IPv4 as ::ffff:a.b.c.d, or an Ethernet address as a number. */
export type Address = { readonly ip: Int32Array } | { readonly mac: number };

/** An IP address as people write it (IPv6: RFC 5952). */
export function addressText(words: Int32Array): string {
  if (words[0] === 0 && words[1] === 0 && words[2] === 0xffff) return [24, 16, 8, 0].map((shift) => ((words[3] ?? 0) >>> shift) & 255).join('.');
  const groups = Array.from(words).flatMap((word) => [word >>> 16, word & 0xffff]);
  const zeros = (from: number): number => {
    const other = groups.findIndex((group, i) => i >= from && group !== 0);
    return (other < 0 ? groups.length : other) - from;
  };
  const start = groups.reduce((best, _, i) => (zeros(i) > zeros(best) ? i : best), 0);
  const hex = (some: readonly number[]): string => some.map((group) => group.toString(16)).join(':');
  return zeros(start) < 2 ? hex(groups) : `${hex(groups.slice(0, start))}::${hex(groups.slice(start + zeros(start)))}`;
}

/** An Ethernet address as people write it. */
export function macText(mac: number): string {
  return mac.toString(16).padStart(12, '0').replaceAll(/..(?=.)/g, '$&:');
}

/** Reads an address; null when it is none. */
export function parseAddress(text: string): Address | null {
  if (/^[0-9a-f]{2}(?:[:-][0-9a-f]{2}){5}$/i.test(text)) return { mac: Number.parseInt(text.replaceAll(/[:-]/g, ''), 16) };
  const plain = ipv4(text);
  if (plain !== null) return { ip: Int32Array.of(0, 0, 0xffff, plain) };
  // The last 32 bits may be written as IPv4.
  const [, head, tail] = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text) ?? [];
  const last = tail === undefined ? null : ipv4(tail);
  if (tail !== undefined && last === null) return null;
  const whole = head === undefined || last === null ? text : `${head}${(last >>> 16).toString(16)}:${(last & 0xffff).toString(16)}`;
  const halves = whole.split('::').map((half) => (half === '' ? [] : half.split(':')));
  const [left = [], right = []] = halves;
  const given = left.length + right.length;
  if (halves.length > 2 || (halves.length === 2 ? given > 7 : given !== 8)) return null;
  const groups = [...left, ...Array.from({ length: 8 - given }, () => '0'), ...right];
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return null;
  const numbers = groups.map((group) => Number.parseInt(group, 16));
  return { ip: Int32Array.from({ length: 4 }, (_, i) => ((numbers[2 * i] ?? 0) << 16) | (numbers[2 * i + 1] ?? 0)) };
}

function ipv4(text: string): number | null {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 256)) return null;
  return parts.reduce((value, part) => (value << 8) | Number(part), 0);
}

import type { ClaimUnit, Decisive, Verdict } from './claim.ts';

/** A claim's number as people read it: shares in per cent, differences of shares in percentage points. */
export function quantity(value: number, unit: ClaimUnit): string {
  switch (unit) {
    case 'share':
      return `${(value * 100).toFixed(3)} %`;
    case 'share of kernel':
      return `${(value * 100).toFixed(1)} %`;
    case 'points':
      return `${(value * 100).toFixed(4)} points`;
    case 'ratio':
      return value.toFixed(4);
    case 'Mb/s':
      return `${value.toFixed(2)} Mb/s`;
    case 'entries':
      return String(value);
  }
}

/** Value, interval and bound of what decides, at its load. */
export function decisiveText({ value, interval, relation, bound, loadMbps, what }: Decisive, unit: ClaimUnit): string {
  if (value === null || relation === null || bound === null) return '';
  const spread = interval === null ? '' : ` [${quantity(interval[0], unit)}, ${quantity(interval[1], unit)}]`;
  return `${what} = ${quantity(value, unit)}${spread} at ${loadMbps} Mb/s, asked for ${relation} ${quantity(bound, unit)}`;
}

/** A verdict in one sentence; of a claim with several parts it says which go the other way. */
export function finding(verdict: Verdict, unit: ClaimUnit): string {
  const numbers = decisiveText(verdict, unit);
  if (verdict.holds === true) return `holds; nearest to turning: ${numbers}`;
  if (verdict.holds === null) return `open, needs ${verdict.needs.join(' and ')}${numbers === '' ? '' : `; so far: ${numbers}`}`;
  const others = verdict.parts.filter(({ holds }) => holds === true).map(({ text }) => text);
  return `does not hold: ${numbers}${others.length === 0 ? '' : `; holds: ${others.join(', ')}`}`;
}

import type { Check, Claim } from '../../src/study/claims/claim.ts';

/** What in a claim's numbers contradicts its verdicts. */
export function inconsistencies(claim: Claim): string[] {
  const wrong = (check: Pick<Check, 'value' | 'relation' | 'bound' | 'margin'>, holds: boolean): boolean => {
    const { value, relation, bound, margin } = check;
    const really = relation === '<' ? value < bound : relation === '<=' ? value <= bound : relation === '>' ? value > bound : value >= bound;
    const distance = relation.startsWith('<') ? bound - value : value - bound;
    return really !== holds || margin !== distance || !Number.isFinite(value) || !Number.isFinite(bound);
  };
  const lines: string[] = [];
  for (const { pacing, reading, parts } of claim.verdicts) {
    for (const part of parts) {
      for (const check of part.checks) if (wrong(check, check.holds)) lines.push(`${claim.id} ${pacing} ${reading}: ${check.what} at ${check.loadMbps}`);
      const { value, relation, bound, margin, holds } = part;
      if (holds === null) continue;
      if (value === null || relation === null || bound === null || margin === null) lines.push(`${claim.id} ${part.text}: a verdict without numbers`);
      else if (wrong({ value, relation, bound, margin }, holds)) lines.push(`${claim.id} ${part.text}: numbers against verdict`);
    }
  }
  return lines;
}

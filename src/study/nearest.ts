import leven from 'leven';

/** Candidates are listed in full up to this many. */
const LISTED = 12;

/** The candidate with the fewest edits from what was given, case aside; the first of them when several are as near. Undefined without candidates. */
export function nearest(given: string, candidates: readonly string[]): string | undefined {
  let best: string | undefined;
  let edits = Infinity;
  for (const candidate of candidates) {
    const distance = leven(given.toLowerCase(), candidate.toLowerCase());
    if (distance < edits) {
      best = candidate;
      edits = distance;
    }
  }
  return best;
}

/** A remedy for a misspelt name: the nearest valid one, and the choices where they are few. */
export function didYouMean(given: string, candidates: readonly string[]): string {
  const best = nearest(given, candidates);
  if (best === undefined) return 'nothing is defined here';
  const choices = candidates.length > 1 && candidates.length <= LISTED ? ` (choices: ${candidates.join(', ')})` : '';
  return `did you mean '${best}'?${choices}`;
}

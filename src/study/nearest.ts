import leven from 'leven';

/** Candidates are listed in full up to this many. */
const LISTED = 12;

/**
 * The candidate with the fewest edits from what was given, case aside; of several as near, the one that agrees with it longest from the start, so that two swapped letters
 * at the end lead to the name that was meant. Undefined without candidates.
 */
export function nearest(given: string, candidates: readonly string[]): string | undefined {
  const wanted = given.toLowerCase();
  let best: string | undefined;
  let edits = Infinity;
  let agreed = -1;
  for (const candidate of candidates) {
    const name = candidate.toLowerCase();
    const distance = leven(wanted, name);
    const start = commonStart(wanted, name);
    if (distance > edits || (distance === edits && start <= agreed)) continue;
    best = candidate;
    edits = distance;
    agreed = start;
  }
  return best;
}

function commonStart(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  return length;
}

/** A remedy for a misspelt name: the nearest valid one, and the choices where they are few. */
export function didYouMean(given: string, candidates: readonly string[]): string {
  const best = nearest(given, candidates);
  if (best === undefined) return 'nothing is defined here';
  const choices = candidates.length > 1 && candidates.length <= LISTED ? ` (choices: ${candidates.join(', ')})` : '';
  return `did you mean '${best}'?${choices}`;
}

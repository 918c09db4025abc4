/** Where MSER-5 would cut a series. */
export interface Truncation {
  /** Observations to drop from the start, a multiple of the batch. */
  readonly cut: number;
  /** The optimum lies in the second half: the series is too short, or has no steady state, for the rule to be trusted. */
  readonly undecided: boolean;
  /** Standard error of the mean of what is left, from the batch means as if they were independent. */
  readonly standardError: number;
}

/** Batch means that must be left for a variance to say something. */
const LEAST_LEFT = 5;

/**
 * The marginal standard error rule with batches (White, Cobb and Spratt, "A comparison of five steady-state truncation heuristics for simulation", WSC 2000): of all numbers of
 * batches that could be dropped from the start, the one that leaves the mean with the smallest standard error. Ties: the smallest cut.
 * @throws RangeError for a series of less than five batches.
 */
export function mser(series: readonly number[], batch = 5): Truncation {
  const means = batchMeans(series, batch);
  const count = means.length;
  if (count < LEAST_LEFT) throw new RangeError(`${series.length} observations are ${count} batches of ${batch}; MSER needs ${LEAST_LEFT}`);
  let best = Infinity;
  let drop = 0;
  // From the end to the start, each batch mean joins those after it (Welford's recurrence).
  let mean = 0;
  let squares = 0;
  for (let left = 1; left <= count; left++) {
    const value = means[count - left] ?? 0;
    const distance = value - mean;
    mean += distance / left;
    squares += distance * (value - mean);
    const statistic = squares / (left * left);
    if (left >= LEAST_LEFT && statistic <= best) {
      best = statistic;
      drop = count - left;
    }
  }
  return { cut: drop * batch, undecided: drop > count / 2, standardError: Math.sqrt(best) };
}

/** Means of consecutive batches; a rest at the end is left out. */
function batchMeans(series: readonly number[], batch: number): number[] {
  if (!Number.isSafeInteger(batch) || batch < 1) throw new RangeError(`a batch of ${batch} observations: give a whole number from 1 on`);
  const means: number[] = [];
  for (let from = 0; from + batch <= series.length; from += batch) {
    let sum = 0;
    for (let i = from; i < from + batch; i++) sum += series[i] ?? 0;
    means.push(sum / batch);
  }
  return means;
}

/** What replications of one number say. `sd` and `half` need two values or more and are null below that. */
export interface Summary {
  readonly n: number;
  readonly mean: number;
  /** Sample standard deviation (divisor n - 1). */
  readonly sd: number | null;
  /** Half the width of the 95 % Student-t interval of the mean. */
  readonly half: number | null;
}

/** Arithmetic mean. @throws RangeError when there are no values. */
export function mean(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError('a mean needs at least one value');
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}

/** Sample standard deviation, in two passes so that nearly equal values keep their digits. @throws RangeError below two values. */
export function sampleDeviation(values: readonly number[]): number {
  if (values.length < 2) throw new RangeError('a sample deviation needs at least two values');
  const centre = mean(values);
  let squares = 0;
  for (const value of values) squares += (value - centre) * (value - centre);
  return Math.sqrt(squares / (values.length - 1));
}

/** Mean, standard deviation and 95 % Student-t interval of independent replications. @throws RangeError when there are no values. */
export function summarise(values: readonly number[]): Summary {
  const centre = mean(values);
  if (values.length < 2) return { n: values.length, mean: centre, sd: null, half: null };
  const sd = sampleDeviation(values);
  return { n: values.length, mean: centre, sd, half: (studentQuantile(0.975, values.length - 1) * sd) / Math.sqrt(values.length) };
}

/**
 * P(|T| <= t) of Student's t with a whole number of degrees of freedom, as a finite sum in theta = atan(t / sqrt(df))
 * (Abramowitz and Stegun, Handbook of Mathematical Functions, 26.7.3 and 26.7.4).
 */
function central(theta: number, degrees: number): number {
  const cosine = Math.cos(theta);
  const odd = degrees % 2 === 1;
  // Terms go from cos^1 (odd) or cos^0 (even) up to cos^(degrees - 2), each the one before times k / (k + 1) cos^2.
  let term = odd ? cosine : 1;
  let sum = degrees > 1 ? term : 0;
  for (let power = odd ? 3 : 2; power <= degrees - 2; power += 2) {
    term *= ((power - 1) / power) * cosine * cosine;
    sum += term;
  }
  return odd ? (2 / Math.PI) * (theta + Math.sin(theta) * sum) : Math.sin(theta) * sum;
}

/**
 * The value that Student's t stays below with `probability`. @param degrees whole number of degrees of freedom, from 1
 * @throws RangeError for a probability outside (0, 1) or degrees that are not a positive whole number.
 */
export function studentQuantile(probability: number, degrees: number): number {
  if (!(probability > 0 && probability < 1)) throw new RangeError(`probability ${probability} is not between 0 and 1`);
  if (!Number.isSafeInteger(degrees) || degrees < 1) throw new RangeError(`${degrees} degrees of freedom: give a whole number from 1 on`);
  if (probability < 0.5) return -studentQuantile(1 - probability, degrees);
  const wanted = 2 * probability - 1;
  let low = 0;
  let high = Math.PI / 2;
  // Bisection until the interval is two neighbouring doubles; the distribution is monotone in theta.
  for (;;) {
    const middle = (low + high) / 2;
    if (middle <= low || middle >= high) break;
    if (central(middle, degrees) < wanted) low = middle;
    else high = middle;
  }
  return Math.tan(low) * Math.sqrt(degrees);
}

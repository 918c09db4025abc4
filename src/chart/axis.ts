/** A vertical axis from zero to a round end, with a tick at every round step. */
export interface RoundAxis {
  readonly end: number;
  readonly ticks: readonly number[];
}

/** The smallest round axis of at most `most` steps of 1, 2 or 5 times a power of ten that reaches `needed`. @param needed above 0 */
export function roundAxis(needed: number, most = 6): RoundAxis {
  const power = Math.floor(Math.log10(needed / most));
  for (const exponent of [power, power + 1]) {
    for (const digit of [1, 2, 5]) {
      // Division keeps 0.1 and its like exact to the printed digit.
      const step = exponent < 0 ? digit / 10 ** -exponent : digit * 10 ** exponent;
      const steps = Math.ceil(needed / step);
      if (steps <= most) {
        const at = (index: number): number => (exponent < 0 ? (index * digit) / 10 ** -exponent : index * step);
        return { end: at(steps), ticks: Array.from({ length: steps + 1 }, (_, index) => at(index)) };
      }
    }
  }
  throw new RangeError(`no round axis reaches ${needed}`);
}

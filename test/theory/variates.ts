import type { RandomStream } from '../../src/events/random.ts';
import type { Tick } from '../../src/events/time.ts';

/** A service or inter-arrival time in ticks with the two moments that theory asks for. */
export interface Variate {
  readonly name: string;
  readonly mean: Tick;
  /** E[X^2] / E[X]^2. */
  readonly secondMoment: number;
  draw(stream: RandomStream): Tick;
}

// Means of 10^6 ticks: rounding to whole ticks moves a moment by less than one part in 10^12.
export function exponential(mean: Tick): Variate {
  return { name: 'exponential', mean, secondMoment: 2, draw: (stream) => Math.round(-mean * Math.log(1 - stream.uniform())) };
}

export function constant(mean: Tick): Variate {
  return { name: 'constant', mean, secondMoment: 1, draw: () => mean };
}

/** Uniform on [mean / 2, 3 mean / 2]: variance mean^2 / 12. */
export function uniform(mean: Tick): Variate {
  return { name: 'uniform', mean, secondMoment: 13 / 12, draw: (stream) => Math.round(stream.between(mean / 2, 1.5 * mean)) };
}

/** Half the mean with probability 7/8, four and a half times the mean with 1/8: E[X^2] = (7/8) / 4 + (1/8) 81 / 4 = 2.75. */
export function twoPoint(mean: Tick): Variate {
  return { name: 'two-point', mean, secondMoment: 2.75, draw: (stream) => (stream.uniform() < 7 / 8 ? mean / 2 : 4.5 * mean) };
}

/** Pollaczek and Khinchine: the mean wait before service of an M/G/1 queue at utilisation `load`, in ticks. */
export function meanWait(service: Variate, load: number): number {
  return (load * service.mean * service.secondMoment) / (2 * (1 - load));
}

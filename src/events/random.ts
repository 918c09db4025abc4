import { young } from './young.ts';
import alea from 'seedrandom/lib/alea.js';

/** Uniform deviates from one named stream. Only + - * / are used, so every engine gives the same digits. */
export class RandomStream {
  private readonly next: () => number;

  constructor(seed: string) {
    const generator = alea(seed);
    this.next = young(() => generator.double());
  }

  /** Uniform in [0, 1), 53 bits. */
  uniform(): number {
    return this.next();
  }

  /** Uniform in [low, high). */
  between(low: number, high: number): number {
    return low + (high - low) * this.next();
  }

  /** Uniform integer in low..high, both included. */
  integer(low: number, high: number): number {
    return low + Math.floor((high - low + 1) * this.next());
  }
}

/**
 * The random streams of one run. A stream is chosen by name, so adding one changes no other; the run number advances all of
 * them together while the seed stays fixed, so replications are independent and each can be repeated alone.
 */
export class Streams {
  readonly seed: number;
  readonly run: number;

  /** @throws RangeError unless both are non-negative integers. */
  constructor(seed: number, run: number) {
    if (!Number.isSafeInteger(seed) || seed < 0) throw new RangeError(`seed: ${seed} is not a non-negative integer`);
    if (!Number.isSafeInteger(run) || run < 0) throw new RangeError(`run: ${run} is not a non-negative integer`);
    this.seed = seed;
    this.run = run;
  }

  stream(name: string): RandomStream {
    return new RandomStream(`${this.seed}/${this.run}/${name}`);
  }
}

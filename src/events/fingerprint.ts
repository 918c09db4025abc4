import type { Tick } from './time.ts';

/** What a fingerprint is made of; a run's trajectory is compared on these and nothing else (after OMNeT++'s fingerprint ingredients). */
export interface Ingredients {
  readonly time: boolean;
  readonly path: boolean;
  readonly cycles: boolean;
}

export const ALL_INGREDIENTS: Ingredients = { time: true, path: true, cycles: true };

/** Steps that are taken down before they are hashed: a call with numbers as large as these costs V8 as much as the hash itself. */
const STEPS = 64;
/** Numbers a step. */
const WIDTH = 3;

/** The first half of the hash takes a word in; the second takes in the first. */
function first(a: number, word: number): number {
  const h = Math.imul(a ^ word, 0x85ebca6b);
  return h ^ (h >>> 13);
}

function second(b: number, a: number): number {
  return Math.imul(b ^ a, 0xc2b2ae35) + 0x52dce729 | 0;
}

/** A running 64-bit hash over the chosen ingredients of a run. Equal digests: the same trajectory; any change of an ingredient changes it. */
export class Fingerprint {
  readonly ingredients: Ingredients;
  private a = 0x9e3779b9 | 0;
  private b = 0x7f4a7c15 | 0;
  /** Time, path and cost of the steps that are not in the hash yet. */
  private readonly steps = new Float64Array(STEPS * WIDTH);
  /** How much of `steps` is in use. */
  private end = 0;

  constructor(ingredients: Ingredients = ALL_INGREDIENTS) {
    this.ingredients = ingredients;
  }

  /** One step of the trajectory: when, which path, and what it cost (ticks). */
  step(time: Tick, path: number, cost: Tick): void {
    const { steps, end } = this;
    steps[end] = time;
    steps[end + 1] = path;
    steps[end + 2] = cost;
    this.end = end + WIDTH;
    if (this.end === STEPS * WIDTH) this.hash();
  }

  mixText(text: string): void {
    this.hash();
    for (let i = 0; i < text.length; i++) {
      this.a = first(this.a, text.charCodeAt(i));
      this.b = second(this.b, this.a);
    }
  }

  /** Takes the steps into the hash, a tick as two words. */
  private hash(): void {
    const { steps, end, ingredients: { time, path, cycles } } = this;
    let { a, b } = this;
    for (let i = 0; i < end; i += WIDTH) {
      if (time) {
        const tick = steps[i]!; // in use, here and below
        const high = Math.floor(tick / 4294967296);
        a = first(a, tick - high * 4294967296);
        b = second(b, a);
        a = first(a, high);
        b = second(b, a);
      }
      if (path) {
        a = first(a, steps[i + 1]!);
        b = second(b, a);
      }
      if (cycles) {
        const tick = steps[i + 2]!;
        const high = Math.floor(tick / 4294967296);
        a = first(a, tick - high * 4294967296);
        b = second(b, a);
        a = first(a, high);
        b = second(b, a);
      }
    }
    this.a = a;
    this.b = b;
    this.end = 0;
  }

  /** 16 hexadecimal digits. */
  digest(): string {
    this.hash();
    const hex = (word: number): string => (word >>> 0).toString(16).padStart(8, '0');
    return hex(this.a ^ (this.a >>> 16)) + hex(this.b ^ (this.b >>> 15));
  }
}

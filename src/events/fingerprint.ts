import type { Tick } from './time.ts';

/** What a fingerprint is made of; a run's trajectory is compared on these and nothing else (after OMNeT++'s fingerprint ingredients). */
export interface Ingredients {
  readonly time: boolean;
  readonly path: boolean;
  readonly cycles: boolean;
}

export const ALL_INGREDIENTS: Ingredients = { time: true, path: true, cycles: true };

const WORD = 2 ** 32;

function scramble(a: number, word: number): number {
  const h = Math.imul(a ^ word, 0x85ebca6b);
  return h ^ (h >>> 13);
}

function follow(b: number, a: number): number {
  return Math.imul(b ^ a, 0xc2b2ae35) + 0x52dce729 | 0;
}

/** A running 64-bit hash over the chosen ingredients of a run. Equal digests: the same trajectory; any change of an ingredient changes it. */
export class Fingerprint {
  readonly ingredients: Ingredients;
  private a = 0x9e3779b9 | 0;
  private b = 0x7f4a7c15 | 0;

  constructor(ingredients: Ingredients = ALL_INGREDIENTS) {
    this.ingredients = ingredients;
  }

  /** One step of the trajectory: when, which path, and what it cost (ticks). */
  step(time: Tick, path: number, cost: Tick): void {
    const { ingredients } = this;
    if (ingredients.time) this.mixTick(time);
    if (ingredients.path) this.mix(path);
    if (ingredients.cycles) this.mixTick(cost);
  }

  mix(word: number): void {
    this.a = scramble(this.a, word);
    this.b = follow(this.b, this.a);
  }

  private mixTick(tick: Tick): void {
    const high = Math.floor(tick / WORD);
    const first = scramble(this.a, tick - high * WORD);
    const second = scramble(first, high);
    this.a = second;
    this.b = follow(follow(this.b, first), second);
  }

  mixText(text: string): void {
    for (let i = 0; i < text.length; i++) this.mix(text.charCodeAt(i));
  }

  /** 16 hexadecimal digits. */
  digest(): string {
    const hex = (word: number): string => (word >>> 0).toString(16).padStart(8, '0');
    return hex(this.a ^ (this.a >>> 16)) + hex(this.b ^ (this.b >>> 15));
  }
}

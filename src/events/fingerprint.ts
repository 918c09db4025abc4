import type { Tick } from './time.ts';

/** What a fingerprint is made of; a run's trajectory is compared on these and nothing else (after OMNeT++'s fingerprint ingredients). */
export interface Ingredients {
  readonly time: boolean;
  readonly path: boolean;
  readonly cycles: boolean;
}

export const ALL_INGREDIENTS: Ingredients = { time: true, path: true, cycles: true };

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
    if (this.ingredients.time) this.mixTick(time);
    if (this.ingredients.path) this.mix(path);
    if (this.ingredients.cycles) this.mixTick(cost);
  }

  mixTick(tick: Tick): void {
    const high = Math.floor(tick / 4294967296);
    this.mix(tick - high * 4294967296);
    this.mix(high);
  }

  mix(word: number): void {
    let h = Math.imul(this.a ^ word, 0x85ebca6b);
    h ^= h >>> 13;
    this.a = h;
    this.b = Math.imul(this.b ^ h, 0xc2b2ae35) + 0x52dce729 | 0;
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

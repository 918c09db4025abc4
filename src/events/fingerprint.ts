import type { Tick } from './time.ts';

/** What a fingerprint is made of; a run's trajectory is compared on these and nothing else (after OMNeT++'s fingerprint ingredients). */
export interface Ingredients {
  readonly time: boolean;
  readonly path: boolean;
  readonly cycles: boolean;
}

export const ALL_INGREDIENTS: Ingredients = { time: true, path: true, cycles: true };

/** The first half of the hash takes a word in; the second follows the first. */
function mixFirst(a: number, word: number): number {
  const h = Math.imul(a ^ word, 0x85ebca6b);
  return h ^ (h >>> 13);
}

function mixSecond(b: number, a: number): number {
  return Math.imul(b ^ a, 0xc2b2ae35) + 0x52dce729 | 0;
}

/** A running 64-bit hash over the chosen ingredients of a run. Equal digests: the same trajectory; any change of an ingredient changes it. */
export class Fingerprint {
  readonly ingredients: Ingredients;
  private readonly all: boolean;
  private a = 0x9e3779b9 | 0;
  private b = 0x7f4a7c15 | 0;

  constructor(ingredients: Ingredients = ALL_INGREDIENTS) {
    this.ingredients = ingredients;
    this.all = ingredients.time && ingredients.path && ingredients.cycles;
  }

  /** One step of the trajectory: when, which path, and what it cost (ticks). */
  step(time: Tick, path: number, cost: Tick): void {
    if (this.all) {
      this.stepAll(time, path, cost);
      return;
    }
    if (this.ingredients.time) this.mixTick(time);
    if (this.ingredients.path) this.mix(path);
    if (this.ingredients.cycles) this.mixTick(cost);
  }

  /** The same with every ingredient, the usual case: one read and one write of the hash. */
  private stepAll(time: Tick, path: number, cost: Tick): void {
    const timeHigh = Math.floor(time / 4294967296);
    const costHigh = Math.floor(cost / 4294967296);
    const a1 = mixFirst(this.a, time - timeHigh * 4294967296);
    const a2 = mixFirst(a1, timeHigh);
    const a3 = mixFirst(a2, path);
    const a4 = mixFirst(a3, cost - costHigh * 4294967296);
    const a5 = mixFirst(a4, costHigh);
    this.a = a5;
    this.b = mixSecond(mixSecond(mixSecond(mixSecond(mixSecond(this.b, a1), a2), a3), a4), a5);
  }

  mixTick(tick: Tick): void {
    const high = Math.floor(tick / 4294967296);
    this.mix(tick - high * 4294967296);
    this.mix(high);
  }

  mix(word: number): void {
    this.a = mixFirst(this.a, word);
    this.b = mixSecond(this.b, this.a);
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

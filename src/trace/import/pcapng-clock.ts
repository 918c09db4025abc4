/** Parts of a second: ns where a capture's times are no finer, else ps. */
export type CaptureUnit = 'ns' | 'ps';

export const PER_SECOND = { ns: 1e9, ps: 1e12 } as const;
/** More parts of a second than this are finer than anything that is read: 10^-12 and 2^-40 s. */
export const MOST_PARTS = 2 ** 40;

/** Turns the 64-bit times of one pcapng interface into whole units from a common base, exactly (rounded down where the interface is finer), without allocating. */
export class PcapngClock {
  /** Parts of a second, 10^n or 2^n. */
  readonly parts: number;
  private readonly offsetSeconds: bigint;
  /** Reference: the start of a second in the interface's parts, its two halves, and its time in units from the base. */
  private high = 0;
  private low = 0;
  private units = NaN;
  private perSecond = 0;

  /** `parts`: of a second, at most MOST_PARTS; `offsetSeconds`: added to every time (if_tsoffset). */
  constructor(parts: number, offsetSeconds: bigint) {
    this.parts = parts;
    this.offsetSeconds = offsetSeconds;
  }

  /** The second, counted from 1970, that a time lies in. */
  second(high: number, low: number): bigint {
    return ((BigInt(high) << 32n) | BigInt(low)) / BigInt(this.parts) + this.offsetSeconds;
  }

  /** Units from the start of `baseSeconds`; beyond 2^53 in size it is inexact. */
  time(high: number, low: number, baseSeconds: bigint, unit: CaptureUnit): number {
    if (!(Math.abs(high - this.high) < 2 ** 20) || this.perSecond !== PER_SECOND[unit]) this.refer(high, low, baseSeconds, unit);
    const { parts, perSecond } = this;
    const elapsed = (high - this.high) * 4294967296 + (low - this.low);
    const scale = perSecond / parts;
    if (scale >= 1 && scale === Math.floor(scale)) return this.units + elapsed * scale;
    // Whole seconds, then the rest a thousandth at a time: every product stays below 2^53.
    let rest = ((elapsed % parts) + parts) % parts;
    let value = (elapsed - rest) / parts;
    for (let unitsOf = 1; unitsOf < perSecond; unitsOf *= 1000) {
      const product = rest * 1000;
      rest = product % parts;
      value = value * 1000 + (product - rest) / parts;
    }
    return this.units + value;
  }

  /** Takes the second of a time as the new reference. */
  private refer(high: number, low: number, baseSeconds: bigint, unit: CaptureUnit): void {
    const parts = BigInt(this.parts);
    const ticks = (BigInt(high) << 32n) | BigInt(low);
    const start = ticks - (ticks % parts);
    this.high = Number(start >> 32n);
    this.low = Number(start & 0xffffffffn);
    this.perSecond = PER_SECOND[unit];
    this.units = Number((start / parts + this.offsetSeconds - baseSeconds) * BigInt(this.perSecond));
  }
}

import { differenceFor, type KnownDifference } from './known-differences.ts';
import type { Prediction } from './predict.ts';
import type { Quantities } from './quantities.ts';

/** One quantity of one recording. */
export interface ValidationRow {
  readonly recording: string;
  readonly quantity: string;
  /** Null where the model cannot say; the note says why. */
  readonly predicted: number | null;
  readonly recorded: number;
  /** Predicted over recorded; null where either is missing or nothing was recorded. */
  readonly ratio: number | null;
}

/** What the table says beside a row. */
export interface Judgement {
  /** Largest relative difference that is aimed at. */
  readonly aim: number;
  /** Null where nothing was predicted. */
  readonly within: boolean | null;
  /** So few were recorded that one more or less is outside the aim. */
  readonly rare: boolean;
  /** Outside, and yet the phases that the wire does not tell make as much of a difference: the recorded number lies among theirs. */
  readonly phases: boolean;
  /** Why it differs; null where it does not, or where nothing is known: then it is open. */
  readonly known: KnownDifference | null;
}

export interface JudgedRow extends ValidationRow, Judgement {}

/** Counts and kernel instructions; the busy share, and the user instructions that make most of it. */
const COUNT_AIM = 0.02;
const BUSY_AIM = 0.05;

export function aimOf(quantity: string): number {
  return quantity === 'busy share' || quantity.startsWith('user instructions') ? BUSY_AIM : COUNT_AIM;
}

/** A row for each recorded quantity, in their order, and for what was predicted beside them. `given`: what the model was told. */
export function compare(recording: string, given: readonly string[], recorded: Quantities, prediction: Omit<Prediction, 'warnings'> | null, seconds: number): JudgedRow[] {
  const predicted: Quantities = prediction?.quantities ?? new Map();
  const setting = [...given, ...loadOf(recorded, seconds)].join(', ');
  const names = [...recorded.keys(), ...[...predicted.keys()].filter((name) => !recorded.has(name) && predicted.get(name) !== 0)];
  return names.map((quantity) => {
    const there = recorded.get(quantity) ?? 0;
    const model = predicted.get(quantity) ?? null;
    const ratio = model === null || there === 0 ? null : model / there;
    const aim = aimOf(quantity);
    const within = model === null ? null : Math.abs(model - there) <= aim * there;
    const rare = occurrences(quantity, recorded, seconds) * aim < 1;
    const phases = within === false && there >= (prediction?.low.get(quantity) ?? Infinity) && there <= (prediction?.high.get(quantity) ?? -Infinity);
    return { recording, quantity, predicted: model, recorded: there, ratio, aim, within, rare, phases, known: within === true ? null : differenceFor(setting, quantity) };
  });
}

/** Recorded busy share from which a machine counts as saturated; data frames a NIC interrupt from which they came in bursts. */
const SATURATED = 0.94;
const BURST = 4;

/** What sort of load it was. */
function loadOf(recorded: Quantities, seconds: number): string[] {
  const frames = recorded.get('data frames in') ?? 0;
  if (frames === 0) return ['no data frames'];
  if ((recorded.get('busy share') ?? 0) >= SATURATED) return ['saturated'];
  return frames >= BURST * (recorded.get('NIC interrupts/s') ?? 0) * seconds ? ['frames in bursts'] : [];
}

/** How often what the quantity is about happened: instructions of an operation are as rare as its entries. */
function occurrences(quantity: string, recorded: Quantities, seconds: number): number {
  const entries = recorded.get(quantity.replace('instructions', 'entries'));
  return (entries ?? recorded.get(quantity) ?? 0) * (quantity.endsWith('/s') ? seconds : quantity === 'busy share' ? Infinity : 1);
}

/** How a validation went, over all its rows. */
export interface Verdict {
  readonly rows: number;
  readonly within: number;
  readonly outside: number;
  /** Of those outside: so few recorded that one more or less is outside. */
  readonly rareOutside: number;
  readonly unpredicted: number;
  /** The rows farthest off, the rare ones left out. */
  readonly worst: readonly JudgedRow[];
}

export function verdictOf(rows: readonly JudgedRow[], worst = 10): Verdict {
  const outside = rows.filter(({ within }) => within === false);
  const off = (row: JudgedRow): number => (row.ratio === null ? 0 : Math.abs(Math.log(Math.max(row.ratio, 1e-9))));
  return {
    rows: rows.length,
    within: rows.filter(({ within }) => within === true).length,
    outside: outside.length,
    rareOutside: outside.filter(({ rare }) => rare).length,
    unpredicted: rows.filter(({ within }) => within === null).length,
    worst: outside.filter(({ rare }) => !rare).toSorted((a, b) => off(b) - off(a)).slice(0, worst),
  };
}

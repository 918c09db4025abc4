import data from './known-differences.json' with { type: 'json' };

/** Something that makes model and recording differ. */
export interface KnownDifference {
  /** What makes it differ; for an open one, what is known of it. */
  readonly explanation: string;
  /** explained: the cause is known; open: it is not. */
  readonly state: 'explained' | 'open';
}

const known = data.differences.map(({ setting, quantity, explanation, state }) => ({
  setting: new RegExp(setting), quantity: new RegExp(quantity),
  difference: { explanation, state: state === 'open' ? 'open' : 'explained' } satisfies KnownDifference,
}));

/** The first entry of known-differences.json whose patterns fit; null where there is none. `setting`: what the model was told, and what sort of load was recorded; never a recording's name. */
export function differenceFor(setting: string, quantity: string): KnownDifference | null {
  return known.find((entry) => entry.setting.test(setting) && entry.quantity.test(quantity))?.difference ?? null;
}

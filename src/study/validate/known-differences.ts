import data from './known-differences.json' with { type: 'json' };

/** Something that makes model and recording differ. */
export interface KnownDifference {
  /** What makes it differ; for an open one, what is known of it. */
  readonly explanation: string;
  /** explained: the cause is known; open: it is not. */
  readonly state: 'explained' | 'open';
}

const known = data.differences.map(({ recording, quantity, explanation, state }) => ({
  recording: new RegExp(recording), quantity: new RegExp(quantity),
  difference: { explanation, state: state === 'open' ? 'open' : 'explained' } satisfies KnownDifference,
}));

/** The first entry of known-differences.json whose patterns fit; null where there is none. `recording`: its name and, behind a semicolon, what the model was told of it. */
export function differenceFor(recording: string, quantity: string): KnownDifference | null {
  return known.find((entry) => entry.recording.test(recording) && entry.quantity.test(quantity))?.difference ?? null;
}

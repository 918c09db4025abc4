import { Event } from '../src/events/event.ts';
import { Fingerprint } from '../src/events/fingerprint.ts';
import { Lane } from '../src/events/lane.ts';
import { Streams } from '../src/events/random.ts';
import { Simulator } from '../src/events/simulator.ts';
import type { Tick } from '../src/events/time.ts';
import type { Bench, Outcome } from './bench.ts';

// The hold model of Jones (1986): n pending events; each one that fires is scheduled again a random time ahead, `holds` times in all.

const TABLE = 1 << 16;

/** Delays drawn before the clock starts; short enough for ticks to tie. */
function delays(): Float64Array {
  const stream = new Streams(1, 0).stream('hold');
  return Float64Array.from({ length: TABLE }, () => stream.integer(0, 2000));
}

interface Trajectory {
  readonly events: number;
  readonly clock: Tick;
  readonly digest: string;
}

/** On the engine. The fingerprint is for the comparison with the reference and is left out where time counts. */
function prepareHold(n: number, holds: number, fingerprint: Fingerprint | null): () => Trajectory {
  const table = delays();
  const simulator = new Simulator();
  let drawn = 0;
  const next = (): Tick => table[drawn++ & (TABLE - 1)]!; // masked to the table's length
  for (let id = 0; id < n; id++) {
    const event: Event = new Event('hold', 0, (tick) => {
      fingerprint?.step(tick, id, 0);
      if (drawn < n + holds) simulator.schedule(event, tick + next());
    });
    simulator.schedule(event, next());
  }
  return () => {
    simulator.run();
    return { events: simulator.dispatched, clock: simulator.now, digest: fingerprint?.digest() ?? '' };
  };
}

/** The same on a plain array that is kept sorted; what ties is inserted behind. */
function reference(n: number, holds: number): Trajectory {
  const table = delays();
  const fingerprint = new Fingerprint();
  const pending: { readonly tick: Tick; readonly id: number }[] = [];
  let drawn = 0;
  const insert = (now: Tick, id: number): void => {
    const tick = now + (table[drawn++ % TABLE] ?? 0);
    const at = pending.findLastIndex((other) => other.tick <= tick) + 1;
    pending.splice(at, 0, { tick, id });
  };
  for (let id = 0; id < n; id++) insert(0, id);
  let events = 0;
  let clock = 0;
  for (let first = pending.shift(); first !== undefined; first = pending.shift()) {
    events++;
    clock = first.tick;
    fingerprint.step(first.tick, first.id, 0);
    if (drawn < n + holds) insert(clock, first.id);
  }
  return { events, clock, digest: fingerprint.digest() };
}

/** Compares a run that is small enough for the reference: the same events at the same ticks in the same order. */
function compare(n: number, holds: number): string[] {
  const own = prepareHold(n, holds, new Fingerprint())();
  const right = reference(n, holds);
  const problems: string[] = [];
  if (own.events !== right.events) problems.push(`n ${n}: ${own.events} events, the sorted array has ${right.events}`);
  if (own.clock !== right.clock) problems.push(`n ${n}: ends at ${own.clock}, the sorted array at ${right.clock}`);
  if (own.digest !== right.digest) problems.push(`n ${n}: not in the sorted array's order`);
  return problems;
}

function hold(n: number, holds: number): Bench {
  return {
    name: `hold, ${n} events pending`,
    prepare: () => {
      const problems = compare(Math.min(n, 1000), 5000);
      const run = prepareHold(n, holds, null);
      return (): Outcome => {
        const { events } = run();
        // Each of the n is scheduled once, and `holds` times one that fired is scheduled again.
        if (events !== n + holds) problems.push(`${events} events instead of ${n + holds}`);
        return { events, problems };
      };
    },
  };
}

/** The same load where every delay is equal, so that a lane holds it: n occurrences that go round in one ring. */
function lane(n: number, holds: number): Bench {
  const round = 2 * n;
  return {
    name: `lane, ${n} occurrences pending`,
    prepare: () => {
      const simulator = new Simulator();
      let left = holds;
      const ring: Lane = new Lane(simulator, 'ring', 0, 0, (tick) => {
        if (left-- > 0) ring.push(tick + round);
      });
      for (let i = 0; i < n; i++) ring.push(i);
      return (): Outcome => {
        simulator.run();
        const events = simulator.dispatched;
        const last = n + holds - 1;
        const clock = Math.floor(last / n) * round + (last % n);
        const problems: string[] = [];
        if (events !== n + holds) problems.push(`${events} events instead of ${n + holds}`);
        if (simulator.now !== clock) problems.push(`ends at ${simulator.now} instead of ${clock}`);
        return { events, problems };
      };
    },
  };
}

export const holdBenches: readonly Bench[] = [
  ...[10, 100, 1000, 100_000].map((n) => hold(n, 2_000_000)),
  ...[10, 1000].map((n) => lane(n, 2_000_000)),
];

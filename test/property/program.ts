import fc from 'fast-check';
import { Event } from '../../src/events/event.ts';
import { Lane } from '../../src/events/lane.ts';
import { Simulator } from '../../src/events/simulator.ts';
import type { Tick } from '../../src/events/time.ts';
import { ListEngine } from './list-engine.ts';

/** What a handler (or the start of the program) does. `target` is taken modulo the number of events or lanes. */
export interface Action {
  readonly verb: 'schedule' | 'cancel' | 'reschedule' | 'push';
  readonly target: number;
  readonly delay: Tick;
  /** For a push: how many occurrences, each `delay` after the last. */
  readonly count: number;
}

/** A random event program: who exists, what happens first, and what the n-th dispatched occurrence does. */
export interface Program {
  readonly eventPriorities: readonly number[];
  readonly lanePriorities: readonly number[];
  readonly start: readonly Action[];
  readonly script: readonly (readonly Action[])[];
  /** A CPU moves the clock ahead and then acts outside of any handler; after the last look everything is run out. */
  readonly looks: readonly { readonly ahead: Tick; readonly actions: readonly Action[] }[];
}

const priority = fc.integer({ min: 0, max: 2 });
// Mostly tiny delays, so that ticks and priorities tie; a few large ones, past 2^32.
const delay = fc.oneof({ weight: 8, arbitrary: fc.nat({ max: 3 }) }, { weight: 1, arbitrary: fc.nat({ max: 2 ** 40 }) });
const action: fc.Arbitrary<Action> = fc.record({
  verb: fc.constantFrom('schedule', 'cancel', 'reschedule', 'push'),
  target: fc.nat({ max: 1000 }),
  delay,
  // Sometimes more than a lane's first ring holds.
  count: fc.oneof({ weight: 12, arbitrary: fc.integer({ min: 1, max: 4 }) }, { weight: 1, arbitrary: fc.integer({ min: 60, max: 140 }) }),
});

export const program: fc.Arbitrary<Program> = fc.record({
  eventPriorities: fc.array(priority, { minLength: 1, maxLength: 12 }),
  lanePriorities: fc.array(priority, { minLength: 1, maxLength: 3 }),
  start: fc.array(action, { minLength: 1, maxLength: 30 }),
  script: fc.array(fc.array(action, { maxLength: 4 }), { maxLength: 200 }),
  looks: fc.array(fc.record({ ahead: fc.nat({ max: 6 }), actions: fc.array(action, { maxLength: 3 }) }), { maxLength: 20 }),
});

/** The engine as a program sees it. */
export interface Machine {
  now(): Tick;
  nextTick(): Tick;
  pending(): number;
  isScheduled(event: number): boolean;
  schedule(event: number, tick: Tick): void;
  cancel(event: number): void;
  reschedule(event: number, tick: Tick): void;
  push(lane: number, tick: Tick, payload: number): void;
  dispatchThrough(tick: Tick): void;
}

type Fired = (what: string, tick: Tick) => void;

/** The engine of src/events. */
export function realMachine(eventPriorities: readonly number[], lanePriorities: readonly number[], fired: Fired): Machine {
  const simulator = new Simulator();
  const events = eventPriorities.map((p, i) => new Event(`e${i}`, p, (tick) => fired(`e${i}`, tick)));
  const lanes = lanePriorities.map((p, i) => {
    const lane: Lane = new Lane(simulator, `l${i}`, p, 1, (tick, offset) => fired(`l${i}:${lane.words[offset]}`, tick));
    return lane;
  });
  const event = (i: number): Event => events[i] ?? new Event('none', 0, () => {});
  return {
    now: () => simulator.now,
    nextTick: () => simulator.nextTick,
    // The head of a lane is one of the simulator's events.
    pending: () => lanes.reduce((sum, lane) => sum + Math.max(0, lane.length - 1), simulator.pending),
    isScheduled: (i) => event(i).scheduled,
    schedule: (i, tick) => simulator.schedule(event(i), tick),
    cancel: (i) => simulator.deschedule(event(i)),
    reschedule: (i, tick) => simulator.reschedule(event(i), tick),
    push: (i, tick, payload) => {
      const lane = lanes[i];
      if (lane === undefined) return;
      const offset = lane.push(tick);
      lane.words[offset] = payload;
    },
    dispatchThrough: (tick) => (tick === Infinity ? simulator.run() : simulator.dispatchThrough(tick)),
  };
}

/** The same over the list engine. */
export function listMachine(eventPriorities: readonly number[], lanePriorities: readonly number[], fired: Fired): Machine {
  const engine = new ListEngine();
  const schedule = (i: number, tick: Tick): void => engine.add(tick, eventPriorities[i] ?? 0, i, (t) => fired(`e${i}`, t));
  return {
    now: () => engine.now,
    nextTick: () => engine.nextTick,
    pending: () => engine.pending,
    isScheduled: (i) => engine.isScheduled(i),
    schedule,
    cancel: (i) => engine.cancel(i),
    reschedule: (i, tick) => {
      engine.cancel(i);
      schedule(i, tick);
    },
    push: (i, tick, payload) => engine.add(tick, lanePriorities[i] ?? 0, null, (t) => fired(`l${i}:${payload}`, t)),
    dispatchThrough: (tick) => engine.dispatchThrough(tick),
  };
}

/** One line for each look at the machine and each occurrence: what happened, when, and the state after it. */
export function trajectory({ eventPriorities, lanePriorities, start, script, looks }: Program, make: typeof realMachine): string[] {
  const log: string[] = [];
  const lastPushed = lanePriorities.map(() => 0);
  let payload = 0;
  let step = 0;

  const perform = ({ verb, target, delay: after, count }: Action): void => {
    const event = target % eventPriorities.length;
    const tick = machine.now() + after;
    if (verb === 'schedule') {
      if (!machine.isScheduled(event)) machine.schedule(event, tick);
    } else if (verb === 'cancel') {
      machine.cancel(event);
    } else if (verb === 'reschedule') {
      machine.reschedule(event, tick);
    } else {
      const lane = target % lanePriorities.length;
      for (let i = 0; i < count; i++) {
        const at = Math.max(lastPushed[lane] ?? 0, machine.now()) + after;
        lastPushed[lane] = at;
        machine.push(lane, at, payload++);
      }
    }
  };
  const machine = make(eventPriorities, lanePriorities, (what, tick) => {
    log.push(`${what} at ${tick}, clock ${machine.now()}`);
    for (const next of script[step++] ?? []) perform(next);
    log.push(`pending ${machine.pending()}: ${eventPriorities.map((_, i) => (machine.isScheduled(i) ? 1 : 0)).join('')}`);
  });

  for (const first of start) perform(first);
  for (const look of looks) {
    machine.dispatchThrough(machine.now() + look.ahead);
    log.push(`looked at ${machine.now()}`);
    for (const next of look.actions) perform(next);
  }
  machine.dispatchThrough(Infinity);
  log.push(`idle at ${machine.now()}, pending ${machine.pending()}`);
  return log;
}

import { describe, expect, test } from 'vitest';
import type { Event } from '../../src/events/event.ts';
import { Simulator } from '../../src/events/simulator.ts';
import { LAST_TICK, NEVER } from '../../src/events/time.ts';
import { Recorder } from './recorder.ts';

function setup(): { simulator: Simulator; recorder: Recorder } {
  const simulator = new Simulator();
  return { simulator, recorder: new Recorder(simulator) };
}

describe('order', () => {
  test('earlier ticks first, whatever the order of scheduling', () => {
    const { simulator, recorder } = setup();
    for (const tick of [30, 10, 20, 0]) simulator.schedule(recorder.event('e'), tick);
    simulator.run();
    expect(recorder.log).toEqual(['e@0', 'e@10', 'e@20', 'e@30']);
  });

  test('on one tick, the lower priority number first', () => {
    const { simulator, recorder } = setup();
    for (const priority of [3, 1, 2]) simulator.schedule(recorder.event(`p${priority}`, priority), 5);
    simulator.run();
    expect(recorder.log).toEqual(['p1@5', 'p2@5', 'p3@5']);
  });

  test('the tick decides before the priority', () => {
    const { simulator, recorder } = setup();
    simulator.schedule(recorder.event('urgent', 0), 6);
    simulator.schedule(recorder.event('idle', 9), 5);
    simulator.run();
    expect(recorder.log).toEqual(['idle@5', 'urgent@6']);
  });

  test('ties of tick and priority are first in, first out', () => {
    const { simulator, recorder } = setup();
    const names = Array.from({ length: 300 }, (_, i) => `e${i}`);
    for (const name of names) simulator.schedule(recorder.event(name, 1), 7);
    simulator.run();
    expect(recorder.log).toEqual(names.map((name) => `${name}@7`));
  });

  test('what a handler schedules for its own tick fires within the tick, by priority, then behind what waited already', () => {
    const { simulator, recorder } = setup();
    const sooner = recorder.event('sooner', 0);
    const later = recorder.event('later', 1);
    const first = recorder.event('first', 1, (tick) => {
      simulator.schedule(later, tick);
      simulator.schedule(sooner, tick);
    });
    simulator.schedule(first, 4);
    simulator.schedule(recorder.event('waiting', 1), 4);
    simulator.run(4);
    expect(recorder.log).toEqual(['first@4', 'sooner@4', 'waiting@4', 'later@4']);
  });

  test('an event is told its tick, and the clock stands at it', () => {
    const { simulator, recorder } = setup();
    const seen: number[] = [];
    const e = recorder.event('e', 0, (tick) => {
      seen.push(tick, simulator.now);
      if (tick < 30) simulator.schedule(e, tick + 10);
    });
    simulator.schedule(e, 10);
    simulator.run();
    expect(seen).toEqual([10, 10, 20, 20, 30, 30]);
    expect(simulator.dispatched).toBe(3);
  });
});

describe('cancel and reschedule', () => {
  test('a cancelled event does not fire and can be scheduled again', () => {
    const { simulator, recorder } = setup();
    const e = recorder.event('e');
    simulator.schedule(e, 10);
    expect([e.scheduled, e.tick]).toEqual([true, 10]);
    simulator.deschedule(e);
    expect([e.scheduled, e.tick, simulator.pending]).toEqual([false, NEVER, 0]);
    simulator.run(50);
    simulator.schedule(e, 60);
    simulator.run();
    expect(recorder.log).toEqual(['e@60']);
  });

  test('cancelling what is not scheduled changes nothing', () => {
    const { simulator, recorder } = setup();
    const e = recorder.event('e');
    simulator.deschedule(e);
    simulator.schedule(e, 1);
    simulator.run();
    simulator.deschedule(e);
    expect([recorder.log, simulator.pending, simulator.dispatched]).toEqual([['e@1'], 0, 1]);
  });

  test('a rescheduled event fires once, at its new tick, behind those that wait there', () => {
    const { simulator, recorder } = setup();
    const moved = recorder.event('moved');
    simulator.schedule(moved, 3);
    simulator.schedule(recorder.event('a'), 9);
    simulator.reschedule(moved, 9);
    simulator.schedule(recorder.event('b'), 9);
    simulator.run();
    expect(recorder.log).toEqual(['a@9', 'moved@9', 'b@9']);
  });

  test('a timer that is moved again and again fires once, before and behind what it passes, with any number of others pending', () => {
    for (const others of [0, 3, 40]) {
      const { simulator, recorder } = setup();
      for (let i = 0; i < others; i++) simulator.schedule(recorder.event('other'), 1000 + 10 * i);
      const timer = recorder.event('timer');
      for (const tick of [5, 1004, 1005, 1007, 1015, 1395, 9000, 9001, 1006]) simulator.reschedule(timer, tick);
      expect(simulator.nextTick).toBe(others === 0 ? 1006 : 1000);
      simulator.run();
      expect(recorder.log.filter((line) => line.startsWith('timer'))).toEqual(['timer@1006']);
      expect(recorder.log.indexOf('timer@1006')).toBe(Math.min(1, others));
      expect(recorder.log).toHaveLength(others + 1);
    }
  });

  test('an event is not moved to a tick that it could not be scheduled for', () => {
    for (const tick of [9, 30.5, Number.NaN, NEVER, LAST_TICK + 1]) {
      const { simulator, recorder } = setup();
      const e = recorder.event('e');
      simulator.run(10);
      simulator.schedule(recorder.event('first'), 20);
      simulator.schedule(e, 30);
      expect(() => simulator.reschedule(e, tick)).toThrow(RangeError);
    }
  });

  test('rescheduling schedules an event that is not pending', () => {
    const { simulator, recorder } = setup();
    simulator.reschedule(recorder.event('e'), 2);
    simulator.run();
    expect(recorder.log).toEqual(['e@2']);
  });

  test('a handler cancels an event of the same tick', () => {
    const { simulator, recorder } = setup();
    const victim = recorder.event('victim', 1);
    simulator.schedule(recorder.event('killer', 0, () => simulator.deschedule(victim)), 5);
    simulator.schedule(victim, 5);
    simulator.run();
    expect(recorder.log).toEqual(['killer@5']);
  });

  test('the survivors of many cancellations keep their order', () => {
    const { simulator, recorder } = setup();
    const events: Event[] = [];
    for (let i = 0; i < 1000; i++) {
      const e = recorder.event(`e${i}`, i % 3);
      events.push(e);
      simulator.schedule(e, (i * 7919) % 101);
    }
    const survives = (i: number): boolean => i % 10 === 0;
    for (const [i, e] of events.entries()) if (!survives(i)) simulator.deschedule(e);
    expect(simulator.pending).toBe(100);
    simulator.run();
    const expected = Array.from({ length: 1000 }, (_, i) => i)
      .filter(survives)
      .toSorted((a, b) => ((a * 7919) % 101) - ((b * 7919) % 101) || (a % 3) - (b % 3) || a - b)
      .map((i) => `e${i}@${(i * 7919) % 101}`);
    expect(recorder.log).toEqual(expected);
  });
});

describe('how far a run goes', () => {
  test('until a time: what is due at it fires, what is due after it waits', () => {
    const { simulator, recorder } = setup();
    for (const tick of [10, 20, 21]) simulator.schedule(recorder.event('e'), tick);
    simulator.run(20);
    expect([recorder.log, simulator.now, simulator.nextTick]).toEqual([['e@10', 'e@20'], 20, 21]);
    simulator.run(21);
    expect(recorder.log).toHaveLength(3);
  });

  test('until a time: the clock gets there without an event', () => {
    const { simulator } = setup();
    simulator.run(1234);
    expect(simulator.now).toBe(1234);
  });

  test('until idle: the clock stays at the last event', () => {
    const { simulator, recorder } = setup();
    simulator.schedule(recorder.event('e'), 99);
    simulator.run();
    expect([simulator.now, simulator.nextTick, simulator.pending]).toEqual([99, NEVER, 0]);
  });

  test('the clock never goes back', () => {
    const { simulator } = setup();
    simulator.run(100);
    simulator.run(50);
    simulator.dispatchThrough(20);
    expect(simulator.now).toBe(100);
  });

  test('the next tick is that of the earliest event, after a cancellation too', () => {
    const { simulator, recorder } = setup();
    expect(simulator.nextTick).toBe(NEVER);
    const early = recorder.event('early');
    simulator.schedule(recorder.event('e'), 40);
    expect(simulator.nextTick).toBe(40);
    simulator.schedule(early, 30);
    expect(simulator.nextTick).toBe(30);
    simulator.deschedule(early);
    expect(simulator.nextTick).toBe(40);
    simulator.dispatchThrough(35);
    expect([recorder.log, simulator.now, simulator.nextTick]).toEqual([[], 35, 40]);
  });

  test('a CPU that advances to the next tick sees the events one tick at a time', () => {
    const { simulator, recorder } = setup();
    for (const tick of [5, 5, 8]) simulator.schedule(recorder.event('e'), tick);
    const perLook: number[] = [];
    while (simulator.nextTick !== NEVER) {
      const before = recorder.log.length;
      simulator.dispatchThrough(simulator.nextTick);
      perLook.push(recorder.log.length - before);
    }
    expect(perLook).toEqual([2, 1]);
  });
});

describe('while an event is handled', () => {
  test('its tick is the next one: a handler that asks for the next occurrence gets none of a later tick', () => {
    const { simulator, recorder } = setup();
    simulator.schedule(recorder.event('busy', 0, () => simulator.fireNext()), 10);
    simulator.schedule(recorder.event('later'), 20);
    simulator.run(15);
    expect([recorder.log, simulator.nextTick]).toEqual([['busy@10'], 20]);
  });
});

test('what has slack may wait for it, but not longer than what comes after it and has none', () => {
  const { simulator, recorder } = setup();
  expect(simulator.patience).toBe(NEVER);
  const lane = recorder.lane('patient');
  lane.slack = 100;
  lane.push(10);
  lane.push(20);
  expect(simulator.patience).toBe(110);
  const late = recorder.event('late');
  simulator.schedule(late, 200);
  expect(simulator.patience).toBe(110);
  simulator.reschedule(late, 50);
  expect(simulator.patience).toBe(50);
  simulator.fireNext();
  expect([simulator.nextTick, simulator.patience, simulator.now]).toEqual([20, 50, 10]);
  // Whoever has more pending than the near list holds gets no patience.
  for (let i = 0; i < 40; i++) simulator.schedule(recorder.event(`far${i}`), 1000 + i);
  expect(simulator.patience).toBe(20);
});

describe('refuses', () => {
  test.each([
    ['the past', 9],
    ['a fraction of a tick', 10.5],
    ['what is not a number', Number.NaN],
    ['never', NEVER],
    ['ticks that a double does not hold exactly', LAST_TICK + 1],
  ])('%s, and stays as it was', (_what, tick) => {
    const { simulator, recorder } = setup();
    const e = recorder.event('e');
    simulator.run(10);
    expect(() => simulator.schedule(e, tick)).toThrow(RangeError);
    expect([e.scheduled, simulator.pending, simulator.nextTick]).toEqual([false, 0, NEVER]);
    simulator.schedule(e, 10);
    simulator.run();
    expect(recorder.log).toEqual(['e@10']);
  });

  test('an event that is pending already, by name', () => {
    const { simulator, recorder } = setup();
    const e = recorder.event('nic.itr');
    simulator.schedule(e, 10);
    expect(() => simulator.schedule(e, 20)).toThrow(/nic\.itr/);
    simulator.run();
    expect(recorder.log).toEqual(['nic.itr@10']);
  });
});

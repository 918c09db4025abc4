import { describe, expect, test } from 'vitest';
import { Lane } from '../../src/events/lane.ts';
import { Simulator } from '../../src/events/simulator.ts';
import { NEVER } from '../../src/events/time.ts';
import { Recorder } from './recorder.ts';

describe('a lane merged with the queue', () => {
  test('takes its turn by tick, priority, then age, with events and other lanes', () => {
    const simulator = new Simulator();
    const recorder = new Recorder(simulator);
    const wire = recorder.lane('wire', 2);
    const trace = recorder.lane('trace', 2);
    trace.push(5);
    simulator.schedule(recorder.event('low', 3), 5);
    simulator.schedule(recorder.event('same', 2), 5);
    wire.push(4);
    wire.push(5);
    simulator.schedule(recorder.event('high', 1), 5);
    trace.push(6);
    simulator.run();
    expect(recorder.log).toEqual(['wire@4', 'high@5', 'trace@5', 'same@5', 'wire@5', 'low@5', 'trace@6']);
  });

  test('an occurrence has the age of its push, not of its coming to the head', () => {
    const simulator = new Simulator();
    const recorder = new Recorder(simulator);
    const lane = recorder.lane('lane');
    lane.push(1);
    lane.push(9);
    simulator.schedule(recorder.event('younger'), 9);
    simulator.run();
    expect(recorder.log).toEqual(['lane@1', 'lane@9', 'younger@9']);
  });

  test('counts among what is due: next tick, run until, events dispatched', () => {
    const simulator = new Simulator();
    const recorder = new Recorder(simulator);
    const lane = recorder.lane('lane');
    expect(lane.headTick).toBe(NEVER);
    lane.push(10);
    lane.push(20);
    expect([simulator.nextTick, lane.headTick, lane.length]).toEqual([10, 10, 2]);
    simulator.run(15);
    expect([recorder.log, simulator.now, simulator.nextTick, lane.length]).toEqual([['lane@10'], 15, 20, 1]);
    simulator.run();
    expect([simulator.dispatched, simulator.nextTick, lane.headTick]).toEqual([2, NEVER, NEVER]);
  });

  test('a handler that pushes on keeps the stream going', () => {
    const simulator = new Simulator();
    const seen: number[] = [];
    const lane: Lane = new Lane(simulator, 'paced', 0, 0, (tick) => {
      seen.push(tick, simulator.now);
      if (tick < 30) lane.push(tick + 10);
    });
    lane.push(10);
    simulator.run();
    expect(seen).toEqual([10, 10, 20, 20, 30, 30]);
  });
});

describe('payload', () => {
  /** A lane that collects [tick, first word, second word] of each occurrence. */
  function collecting(simulator: Simulator): { lane: Lane; seen: number[][] } {
    const seen: number[][] = [];
    const lane: Lane = new Lane(simulator, 'frames', 0, 2, (tick, offset) => {
      seen.push([tick, lane.words[offset] ?? Number.NaN, lane.words[offset + 1] ?? Number.NaN]);
    });
    return { lane, seen };
  }

  function push(lane: Lane, tick: number, a: number, b: number): void {
    // In two steps: a push may replace `words`, and an assignment evaluates its target first.
    const offset = lane.push(tick);
    lane.words[offset] = a;
    lane.words[offset + 1] = b;
  }

  test('stays with its occurrence, in order, however the ring turns and grows', () => {
    const simulator = new Simulator();
    const { lane, seen } = collecting(simulator);
    const expected: number[][] = [];
    // Fill and drain by turns, so that the ring has turned to every position before it grows past each power of two.
    let tick = 0;
    for (const [fill, drain] of [[50, 37], [40, 45], [70, 13], [300, 250], [1, 1], [900, 0]] as const) {
      for (let i = 0; i < fill; i++) {
        tick++;
        push(lane, tick, tick * 3, -tick);
        expected.push([tick, tick * 3, -tick]);
      }
      simulator.run(lane.headTick + drain - 1);
    }
    simulator.run();
    expect(seen).toEqual(expected);
    expect(lane.length).toBe(0);
  });

  // Every position of the first ring, since what the ring does next depends on where it stands.
  test.each([1, 62, 63, 64, 65, 128])("is the handler's until it returns, even when it pushes %i occurrences first", (pushes) => {
    for (let turned = 0; turned < 64; turned++) {
      const simulator = new Simulator();
      let pushing = false;
      const read: number[] = [];
      const lane: Lane = new Lane(simulator, 'frames', 0, 2, (tick, offset) => {
        if (pushing && tick === 1000) for (let i = 0; i < pushes; i++) push(lane, 2000 + i, -1, -1);
        read.push(lane.words[offset] ?? Number.NaN, lane.words[offset + 1] ?? Number.NaN);
      });
      for (let i = 0; i < turned; i++) push(lane, i, 0, 0);
      simulator.run(999);
      read.length = 0;
      pushing = true;
      for (let i = 0; i < 63; i++) push(lane, 1000 + i, i, -i);
      simulator.run(1999);
      expect(read).toEqual(Array.from({ length: 63 }, (_, i) => [i, -i]).flat());
      expect(lane.length).toBe(pushes);
    }
  });
});

describe('refuses', () => {
  test.each([
    ['what is before its last occurrence', 19],
    ['what is not a number', Number.NaN],
    ['never', NEVER],
    ['a fraction of a tick', 20.5],
  ])('%s, by name, and stays as it was', (_what, tick) => {
    const simulator = new Simulator();
    const recorder = new Recorder(simulator);
    const lane = recorder.lane('wire.rx');
    lane.push(20);
    expect(() => lane.push(tick)).toThrow(/wire\.rx/);
    expect(lane.length).toBe(1);
    simulator.run();
    expect(recorder.log).toEqual(['wire.rx@20']);
  });

  test('the past', () => {
    const simulator = new Simulator();
    const recorder = new Recorder(simulator);
    const lane = recorder.lane('wire.rx');
    simulator.run(100);
    expect(() => lane.push(99)).toThrow(RangeError);
    lane.push(100);
    simulator.run();
    expect(recorder.log).toEqual(['wire.rx@100']);
  });
});

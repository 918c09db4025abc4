import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Scoreboard } from '../../src/load/scoreboard.ts';

interface Segment {
  start: number;
  end: number;
  tick: number;
  sacked: boolean;
  lost: boolean;
  again: boolean;
  repeated: boolean;
}

/** The same bookkeeping on a plain list. */
class NaiveBoard {
  list: Segment[] = [];
  sample = -Infinity;

  acknowledge(ack: number): number {
    const covered = this.list.filter(({ end }) => end <= ack);
    this.sample = covered.find(({ repeated, sacked }) => !repeated && !sacked)?.tick ?? -Infinity;
    this.list = this.list.filter(({ end }) => end > ack);
    const head = this.list[0];
    if (head !== undefined && head.start < ack) head.start = ack;
    return covered.length;
  }

  sack(low: number, high: number): void {
    for (const segment of this.list) {
      if (segment.start >= low && segment.end <= high && !segment.sacked) Object.assign(segment, { sacked: true, lost: false, again: false });
    }
  }

  markLost(threshold: number): void {
    this.list.forEach((segment, i) => {
      if (!segment.sacked && this.list.slice(i + 1).filter(({ sacked }) => sacked).length >= threshold) segment.lost = true;
    });
  }

  markHeadLost(): void {
    const head = this.list[0];
    if (head !== undefined && !head.sacked) head.lost = true;
  }

  markAllLost(): void {
    const reneged = this.list[0]?.sacked === true;
    for (const segment of this.list) {
      if (reneged) segment.sacked = false;
      if (!segment.sacked) Object.assign(segment, { lost: true, again: false });
    }
  }

  retransmit(tick: number): number {
    const segment = this.list.find(({ lost, again }) => lost && !again);
    if (segment === undefined) return -1;
    Object.assign(segment, { again: true, repeated: true, tick });
    return segment.start;
  }
}

type Step = readonly [kind: 'push' | 'run' | 'ack' | 'whole' | 'sack' | 'lost' | 'head' | 'all' | 'again', a: number, b: number];

const step: fc.Arbitrary<Step> = fc.tuple(fc.constantFrom('push', 'push', 'run', 'run', 'ack', 'whole', 'sack', 'lost', 'head', 'all', 'again'), fc.nat({ max: 20 }), fc.nat({ max: 20 }));

/** Does a step on both boards; returns what each had to say about it. */
function apply([kind, a, b]: Step, tick: number, board: Scoreboard, naive: NaiveBoard, stream: { una: number; nxt: number }): [unknown, unknown] {
  switch (kind) {
    case 'push':
      if (board.length === board.capacity) return [0, 0];
      board.push(stream.nxt, a + 1, tick);
      naive.list.push({ start: stream.nxt, end: stream.nxt + a + 1, tick, sacked: false, lost: false, again: false, repeated: false });
      stream.nxt += a + 1;
      return [0, 0];
    case 'run': {
      const count = Math.min(a, board.capacity - board.length);
      board.pushRun(stream.nxt, board.full, tick, count);
      for (let i = 0; i < count; i++, stream.nxt += board.full) naive.list.push({ start: stream.nxt, end: stream.nxt + board.full, tick, sacked: false, lost: false, again: false, repeated: false });
      return [0, 0];
    }
    case 'whole':
      stream.una = Math.min(stream.nxt, stream.una + a * board.full);
      return [[board.acknowledge(stream.una), board.sampleTick], [naive.acknowledge(stream.una), naive.sample]];
    case 'ack':
      stream.una = Math.min(stream.nxt, stream.una + 3 * a);
      return [[board.acknowledge(stream.una), board.sampleTick], [naive.acknowledge(stream.una), naive.sample]];
    case 'sack': {
      const low = stream.una + 5 * a;
      const before = naive.list.filter(({ sacked }) => sacked).length;
      naive.sack(low, low + 4 * b);
      return [board.sack(low, low + 4 * b), naive.list.filter(({ sacked }) => sacked).length - before];
    }
    case 'lost':
      return [board.markLost(1 + (a % 4)), naive.markLost(1 + (a % 4))];
    case 'head':
      return [board.markHeadLost(), naive.markHeadLost()];
    case 'all':
      return [board.markAllLost(), naive.markAllLost()];
    case 'again': {
      const position = board.nextLost();
      const start = position < 0 ? -1 : board.startOf(position);
      if (position >= 0) board.retransmit(position, tick);
      return [start, naive.retransmit(tick)];
    }
  }
}

describe('the scoreboard', () => {
  test('agrees with a plain list on any sequence of sends, ACKs, SACKs, losses and retransmissions', () => {
    fc.assert(
      fc.property(fc.constantFrom(1, 5, 10, 1448), fc.array(step, { maxLength: 300 }), (full, steps) => {
        const board = new Scoreboard(64, full);
        const naive = new NaiveBoard();
        const stream = { una: 0, nxt: 0 };
        steps.forEach((action, tick) => {
          const [got, wanted] = apply(action, tick, board, naive, stream);
          expect(got).toEqual(wanted);
          const { list } = naive;
          const sacked = list.filter((segment) => segment.sacked).length;
          const lost = list.filter((segment) => segment.lost).length;
          const again = list.filter((segment) => segment.again).length;
          expect([board.length, board.sacked, board.lost, board.retransmitted, board.pipe]).toEqual([list.length, sacked, lost, again, list.length - sacked - lost + again]);
          expect(board.length === 0 ? undefined : board.headTick).toBe(list[0]?.tick);
        });
      }),
      { numRuns: 300 },
    );
  });

  test('takes no round trip from a segment that was sent twice (Karn)', () => {
    const board = new Scoreboard(64, 10);
    board.push(0, 10, 100);
    board.push(10, 10, 110);
    board.markHeadLost();
    board.retransmit(board.nextLost(), 200);
    expect(board.acknowledge(10)).toBe(1);
    expect(board.sampleTick).toBeLessThan(0);
    expect(board.acknowledge(20)).toBe(1);
    expect(board.sampleTick).toBe(110);
  });
});

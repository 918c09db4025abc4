import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MS, US } from '../../src/events/time.ts';
import { Simulator } from '../../src/events/simulator.ts';
import { AckRun } from '../../src/hw/ack-run.ts';
import { FRAME_WORDS, ACK, SACK_HIGH, SACK_LOW, WINDOW } from '../../src/hw/frame.ts';
import { Mailbox } from '../../src/hw/mailbox.ts';
import { LINUX_SENDER } from '../../src/load/sender-parameters.ts';
import { TcpSender } from '../../src/load/tcp-sender.ts';

const MSS = 1448;

/** A sender with its mailbox and a pacer that sends when it is let, up to `wanted` segments, as far as TCP does not defer them. */
class Side {
  readonly simulator = new Simulator();
  readonly box = new Mailbox(() => {});
  readonly sent: number[][] = [];
  readonly sender: TcpSender;
  wanted = 0;
  heeds = true;
  /** Packets it may send yet. */
  packets = 0;
  looks = 0;

  constructor(runs: boolean, sendWindow: number, limit: number, offered: number) {
    const pace = (tick: number): void => this.resume(tick);
    this.sender = new TcpSender(this.simulator, 'x', { ...LINUX_SENDER, sendWindow }, (tick, seq, length, flags, count) => {
      for (let i = 0; i < count; i++) this.sent.push([tick, seq + i * length, length, flags]);
    }, pace, runs);
    this.sender.offer(limit);
    // Until the congestion window has stopped growing: as long as it grows, ACKs are taken one by one.
    for (let tick = 0; tick < 9 * MS; tick += MS) {
      this.sender.acknowledge(tick, this.sender.nxt, offered, 0, 0);
      this.sender.send(tick, Infinity);
    }
  }

  react(tick: number): void {
    while (this.sender.take(tick, this.box, this.packets > 0 ? this.wanted : 0)) {
      this.looks++;
      this.resume(tick);
    }
  }

  resume(tick: number): void {
    const { sender, wanted } = this;
    while (this.packets > 0) {
      if (this.heeds && sender.defers(tick, wanted)) return;
      if (sender.send(tick, wanted) === 0) return;
      this.packets--;
    }
  }

  get state(): unknown {
    const { una, nxt, cwnd, congestion, maxPeerWindow, segmentsSent, retransmissions, timeouts, fastRetransmits, probes, acksReceived, windowLimited, roundTrip, board } = this.sender;
    return [
      una, nxt, cwnd, congestion.threshold, maxPeerWindow, segmentsSent, retransmissions, timeouts, fastRetransmits, probes, acksReceived, windowLimited, roundTrip.smoothed, roundTrip.deviation, roundTrip.least,
      roundTrip.timeout, board.length, board.length === 0 ? 0 : board.headTick, board.pipe, this.packets, this.sent.length,
    ];
  }
}

test('ACKs that are taken together do what they do one by one, whatever the pacer wants meanwhile', () => {
  const step = fc.record({
    wait: fc.oneof({ weight: 10, arbitrary: fc.nat(2 * US) }, { weight: 10, arbitrary: fc.nat(MS) }, { weight: 1, arbitrary: fc.constant(300 * MS) }),
    runs: fc.array(
      fc.record({
        what: fc.constantFrom<'run' | 'part' | 'sack' | 'again'>(...Array.from({ length: 60 }, () => 'run' as const), 'part', 'sack', 'again', 'again'),
        first: fc.integer({ min: 1, max: 4 }), count: fc.integer({ min: 1, max: 12 }), each: fc.integer({ min: 1, max: 3 }), room: fc.integer({ min: 0, max: 200_000 }), unit: fc.constantFrom(1, 8, 128), late: fc.nat(4),
      }),
      { minLength: 1, maxLength: 4 },
    ),
    wanted: fc.constantFrom(0, 0, 1, 2, 10, 45),
    heeds: fc.constantFrom(true, true, false),
    packets: fc.integer({ min: 1, max: 3 }),
  });
  const looks = [0, 0];
  fc.assert(
    fc.property(fc.constantFrom(20_000, 87_380, 195_480), fc.constantFrom(Infinity, Infinity, 6_000_000), fc.integer({ min: 60_000, max: 300_000 }), fc.array(step, { minLength: 20, maxLength: 150, size: 'max' }), (window, limit, room, steps) => {
      const sides = [true, false].map((runs) => new Side(runs, window, limit, room - 2000));
      const run = new AckRun();
      const frame = new Float64Array(FRAME_WORDS);
      let tick = 9 * MS;
      let ack = sides[0]!.sender.una;
      for (const { wait, runs, wanted, heeds, packets } of steps) {
        tick += wait;
        const { nxt } = sides[0]!.sender; // there are two
        for (const { what, first, count, each, room: less, unit, late } of runs) {
          let next = Math.floor(ack / MSS) * MSS + first * MSS;
          if (what === 'part') next -= 700;
          if (what === 'again' || what === 'sack') next = ack;
          if (next > nxt) continue;
          const edge = Math.max(ack + room - less, next + count * each * MSS);
          for (const { box } of sides) {
            if (what === 'run' || what === 'part') {
              run.set(Math.min(count, 1 + Math.floor((nxt - next) / (each * MSS))), 0, 100, next, each * MSS, edge, unit);
              box.putRun(tick, run);
            } else {
              frame[ACK] = next;
              frame[WINDOW] = edge - next;
              frame[SACK_LOW] = what === 'sack' ? next + first * MSS : 0;
              frame[SACK_HIGH] = what === 'sack' ? next + (first + each) * MSS : 0;
              box.put(tick, frame, 0);
            }
          }
          if (what === 'run' || what === 'part') {
            ack = run.ackOf(run.count - 1);
            tick += 100 * run.count + late;
          }
        }
        for (const side of sides) {
          side.simulator.run(tick);
          side.wanted = wanted;
          // A pacer of single segments asks TCP nothing.
          side.heeds = heeds || wanted > 1;
          side.packets = wanted > 0 ? packets : 0;
          side.react(tick);
        }
        expect(sides[0]!.state).toEqual(sides[1]!.state); // there are two, here and below
      }
      expect(sides[0]!.sent).toEqual(sides[1]!.sent);
      sides.forEach((side, i) => (looks[i]! += side.looks));
    }),
    { numRuns: 200 },
  );
  expect(looks[0]).toBeLessThan(0.85 * looks[1]!); // or it tests nothing

});

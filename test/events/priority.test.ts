import { expect, test } from 'vitest';
import { Priority } from '../../src/events/priority.ts';
import { Simulator } from '../../src/events/simulator.ts';
import { Recorder } from './recorder.ts';

// The order and its reasons are hardware's: bytes are in memory before the message that announces them, a frame finds a descriptor
// that frees with it, a timer sees every frame of its tick, an interrupt line moves once device state is in place.
test('events of one tick follow the hardware order, whatever the order of scheduling', () => {
  const order = ['boundary', 'dma', 'wire', 'timer', 'interrupt', 'load'] as const;
  for (const scheduled of [order, order.toReversed()]) {
    const simulator = new Simulator();
    const recorder = new Recorder(simulator);
    for (const name of scheduled) simulator.schedule(recorder.event(name, Priority[name]), 1);
    simulator.run();
    expect(recorder.log).toEqual(order.map((name) => `${name}@1`));
  }
});

test('no two named priorities are equal', () => {
  const values = Object.values(Priority);
  expect(new Set(values).size).toBe(values.length);
});

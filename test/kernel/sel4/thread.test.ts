import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ReadyQueue, Tcb } from '../../../src/kernel/sel4/thread.ts';

const space = { name: 'a', refill: 0 };

test('the queue of ready threads is in order of priority, then of becoming ready', () => {
  const acts = fc.array(fc.tuple(fc.nat(6), fc.boolean()), { maxLength: 60 });
  fc.assert(
    fc.property(fc.array(fc.nat(3), { minLength: 7, maxLength: 7 }), acts, (priorities, plan) => {
      const threads = priorities.map((priority, i) => new Tcb(`t${i}`, priority, space, 0, { resume: () => {} }));
      const queue = new ReadyQueue();
      const since: Tcb[] = [];
      for (const [number, becomesReady] of plan) {
        const thread = threads[number]!; // 7 of them
        const place = since.indexOf(thread);
        if (place >= 0) since.splice(place, 1);
        if (becomesReady) {
          since.push(thread);
          queue.add(thread);
        } else {
          queue.remove(thread);
        }
        const order: Tcb[] = [];
        for (let next = queue.first; next !== null; next = next.next) order.push(next);
        expect(order).toEqual(since.toSorted((a, b) => b.priority - a.priority));
        expect(threads.filter(({ ready }) => ready)).toEqual(threads.filter((each) => since.includes(each)));
      }
    }),
  );
});

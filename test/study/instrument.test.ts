import { describe, expect, test } from 'vitest';
import { Fingerprint } from '../../src/events/fingerprint.ts';
import { Simulator } from '../../src/events/simulator.ts';
import { Core } from '../../src/hw/core.ts';
import { PathTable } from '../../src/hw/path.ts';
import { defaultCosts } from '../../src/study/cost-tables.ts';
import { IdleLoopInstrument } from '../../src/study/instrument.ts';

/** An instrument on a core whose idle loop takes `cycles` a turn, 3.4 GHz on both clocks. */
function instrumentOf(cycles: number): { core: Core; instrument: IdleLoopInstrument; turn: number } {
  const paths = new PathTable(defaultCosts().with('idle.loop', cycles));
  const core = new Core(new Simulator(), paths, new Fingerprint());
  return { core, instrument: new IdleLoopInstrument(core), turn: paths.ticks('idle.loop') };
}

describe('idle-loop counting', () => {
  test('loses the turn that an interrupt breaks', () => {
    const { core, instrument, turn } = instrumentOf(34);
    instrument.begin();
    core.idleSpan?.(10 * turn + 3);
    core.idleSpan?.(5 * turn);
    // Of 100 turns 15 and a bit were idle; 15 whole ones count.
    expect(instrument.read(100 * turn, 15 * turn + 3)).toBeCloseTo(0.85, 12);
  });

  test('sees no idle time at all when a turn takes 150 cycles of the TSC', () => {
    const { core, instrument, turn } = instrumentOf(150);
    instrument.begin();
    core.idleSpan?.(10 * turn);
    expect(instrument.read(100 * turn, 10 * turn)).toBe(1);
  });
});

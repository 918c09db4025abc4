import { describe, expect, test } from 'vitest';
import { commandOf, FULL, type Job, settingsFor, studyOf } from '../../notebooks/lib/job.ts';
import { QUICK, QUICK_BATCH, runJob } from '../../notebooks/lib/quick.ts';
import { PAPER_SETTINGS, settingsOf } from '../../notebooks/lib/settings.ts';
import { FIGURE_SYSTEMS } from '../../src/study/claims.ts';
import { FIGURE_LOADS } from '../../src/study/grid.ts';
import { simulate } from '../../src/study/simulate.ts';

const job = (system: string, load: number, window: Pick<Job, 'duration' | 'warmup'>): Job => ({ system, load, pacing: 'fq', ...window, run: 0, set: [] });

describe.each(FIGURE_SYSTEMS)('the short window of %s', (system) => {
  test.each(FIGURE_LOADS)('has the result of the whole 20 s in its 95 %% interval at %i Mb/s', async (load) => {
    const { result, batches } = await runJob(job(system, load, QUICK), QUICK_BATCH, new Map());
    const { scenario, costs } = studyOf(job(system, load, FULL));
    const whole = simulate(scenario, costs).utilisation;
    expect(batches?.n).toBe(6);
    expect(result.utilisation).toBeCloseTo(batches?.mean ?? NaN, 12);
    expect(Math.abs(result.utilisation - whole)).toBeLessThanOrEqual(batches?.half ?? 0);
    // An interval that says nothing would be easy to fall into.
    expect(batches?.half).toBeLessThan(0.01);
  });
});

describe('settings', () => {
  test('the paper\'s say nothing, and a page without a control says nothing of it', () => {
    expect(settingsOf(PAPER_SETTINGS)).toEqual([]);
    expect(settingsOf({ throttle: '2604' })).toEqual([]);
  });

  test('what is moved is said as the command line takes it', () => {
    const set = settingsOf({ ...PAPER_SETTINGS, throttle: '8000', ring: '64', linuxThrottle: '8000', sleep: 'c1' });
    expect(set).toEqual(['nic.throttle=8000/s', 'nic.rxDescriptors=64', 'linux.throttle=8000/s', 'linux.sleep=c1']);
    for (const system of FIGURE_SYSTEMS) {
      const { scenario } = studyOf({ ...job(system, 900, QUICK), set });
      expect(scenario.system.nic.rxDescriptors).toBe(64);
    }
    expect(settingsFor('bmk', set)).not.toContain('linux.sleep=c1');
  });

  test('registers by themselves take the place of the throttle', () => {
    const set = settingsOf({ ...PAPER_SETTINGS, own: 'true', itr: '0', throttle: '8000' });
    expect(studyOf({ ...job('bmk', 900, QUICK), set }).scenario.system.nic).toMatchObject({ itr: 0, rdtr: Number(PAPER_SETTINGS['rdtr']) });
  });
});

test('a command quotes what a shell would read', () => {
  expect(commandOf({ ...job('bmk', 540, QUICK), set: ['cost.x=$1 2', 'nic.throttle=0'] })).toBe("npx rumpsim run bmk --load 540 --pacing fq --duration 0.9 --warmup 0.3 --set 'cost.x=$1 2' --set nic.throttle=0 --json");
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultCosts } from '../src/study/cost-tables.ts';
import { type Scenario, simulate } from '../src/study/simulate.ts';
import { SYSTEMS } from '../src/study/system.ts';
import { Recorder } from '../src/trace/recorder.ts';
import { TraceReader } from '../src/trace/reader.ts';
import { TraceReplay } from '../src/trace/replay.ts';
import type { Bench, Outcome } from './bench.ts';
import { LOAD_MBPS } from './systems.ts';

const SECONDS = 5;

/** A wire trace of a run is recorded to a temporary file, then drives the same system: the counts must be those of the recorded run. */
function bench(): Bench {
  return {
    name: `replay of ${SECONDS} s at ${LOAD_MBPS} Mb/s`,
    prepare: () => {
      const [system] = SYSTEMS;
      if (system === undefined) throw new Error('there are no systems');
      const costs = defaultCosts();
      const scenario: Scenario = { system, loadMbps: LOAD_MBPS, pacing: 'fq', duration: SECONDS, warmup: 0, seed: 1, run: 0 };
      const folder = mkdtempSync(join(tmpdir(), 'rumpsim-bench-'));
      const file = join(folder, 'wire.arrow');
      const recorder = new Recorder({ wire: file }, { loop: 'closed', producer: { name: 'bench', version: '0' }, recorded: { command: 'bench', scenario: {} } });
      const recorded = simulate(scenario, costs, { attach: (machine, end) => recorder.attach(machine, end) });
      recorder.finish();
      return (): Outcome => {
        const source = new TraceReplay(new TraceReader(file, { kind: 'wire' }));
        try {
          const result = simulate(scenario, costs, { source });
          const problems = Object.entries(recorded.counters).filter(([name, count]) => result.counters[name] !== count).map(([name, count]) => `${name}: ${result.counters[name]} instead of ${count}`);
          if (result.fingerprint !== recorded.fingerprint) problems.push('not the fingerprint of the recorded run');
          return { events: result.events, simulatedSeconds: SECONDS, frames: (result.counters['frames.in'] ?? 0) + (result.counters['frames.out'] ?? 0), problems };
        } finally {
          source.close();
          rmSync(folder, { recursive: true, force: true });
        }
      };
    },
  };
}

export const replayBenches: readonly Bench[] = [bench()];

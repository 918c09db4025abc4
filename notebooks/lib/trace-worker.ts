import { secondsToTicks, ticksToSeconds } from '../../src/events/time.ts';
import { type RunResult, simulate } from '../../src/study/simulate.ts';
import { readScenario } from '../../src/study/scenario-file.ts';
import { resolveStudy } from '../../src/study/study.ts';
import { UserError } from '../../src/study/user-error.ts';
import { UtilisationSeries } from '../../src/study/utilisation-series.ts';
import { inboundFlows } from '../../src/trace/flows.ts';
import type { MemoryTrace } from '../../src/trace/memory-sink.ts';
import { replayedSpan, TraceReplay } from '../../src/trace/replay.ts';
import { TraceError } from '../../src/trace/trace-error.ts';
import type { Asked } from './ask.ts';
import { settingsFor } from './job.ts';
import { loadTrace } from './load-trace.ts';
import { reportOf, type TraceReport } from './trace-report.ts';

/** What the page of traces asks: first to read a file, then to drive a system with what was read. `interval`: of the utilisation over time, seconds. */
export type TraceQuestion =
  | { readonly kind: 'read'; readonly file: Blob; readonly name: string; readonly local: string }
  | { readonly kind: 'replay'; readonly system: string; readonly set: readonly string[]; readonly interval: number };

export interface Replayed {
  readonly result: RunResult;
  /** Busy share of each interval from the start, 0..1. */
  readonly utilisation: readonly number[];
  readonly flow: number;
}

export type TraceAnswer = { readonly kind: 'read'; readonly report: TraceReport } | { readonly kind: 'replayed'; readonly replayed: Replayed };

let trace: MemoryTrace | null = null;

async function answer(question: TraceQuestion, told: (bytes: number) => void): Promise<TraceAnswer> {
  if (question.kind === 'replay') return { kind: 'replayed', replayed: replay(question) };
  const warnings: string[] = [];
  trace = null;
  trace = await loadTrace(question.file, { name: question.name, local: question.local === '' ? undefined : question.local, warn: (text) => warnings.push(text), progress: told });
  return { kind: 'read', report: reportOf(trace, warnings) };
}

/** The same as `rumpsim run SYSTEM --replay FILE`. */
function replay({ system, set, interval }: Extract<TraceQuestion, { kind: 'replay' }>): Replayed {
  if (trace === null) throw new UserError('', 'no trace has been read', 'drop one on the page');
  const { metadata, file } = trace;
  const { scenario } = metadata.recorded;
  const flows = scenario === null ? inboundFlows(trace.open()) : [];
  if (scenario === null && flows.length === 0) throw new UserError(file, 'no frame came in while it was recorded', 'name the recorded machine by its address, above');
  const content = scenario ?? { duration: Math.max(0.001, Math.floor(ticksToSeconds(replayedSpan(metadata)) * 1e6) / 1e6) };
  const study = resolveStudy({ system, set: settingsFor(system, set) }, readScenario(JSON.stringify(content), file));
  const flow = flows[0]?.flow ?? 0;
  let series: UtilisationSeries | null = null;
  const result = simulate(study.scenario, study.costs, {
    source: new TraceReplay(trace.open(), { flow }),
    attach: (machine, end) => {
      series = new UtilisationSeries(machine, secondsToTicks(interval), end);
    },
  });
  return { result, utilisation: (series as UtilisationSeries | null)?.values ?? [], flow };
}

async function serve({ id, question }: Asked<TraceQuestion>): Promise<void> {
  let told = 0;
  try {
    const found = await answer(question, (bytes) => {
      // Often enough to be seen.
      if (performance.now() - told < 100) return;
      told = performance.now();
      postMessage({ id, told: bytes });
    });
    postMessage({ id, answer: found });
  } catch (error) {
    if (!(error instanceof UserError || error instanceof TraceError)) throw error;
    postMessage({ id, refused: error.message });
  }
}

addEventListener('message', ({ data }: MessageEvent<Asked<TraceQuestion>>) => void serve(data));

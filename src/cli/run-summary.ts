import type { Estimate, Replications } from '../study/replications.ts';
import type { RunResult } from '../study/simulate.ts';
import type { Study } from '../study/study.ts';
import { grouped, percent, table } from './table.ts';

/** Accounts listed one by one; the others are added up. */
const TOP_ACCOUNTS = 15;

/** What was run, in two lines. */
function heading({ scenario, reps }: Study, loop: RunResult['loop'] = 'closed'): string {
  const { system, loadMbps, pacing, duration, warmup, seed, run } = scenario;
  const load = loop === 'open' ? 'frames of a trace, open loop' : `${loadMbps} Mb/s offered, ${pacing} pacing`;
  const runs = reps === 1 ? `run ${run}` : `runs ${run} to ${run + reps - 1}`;
  return `${system.name}: ${system.title}\n${load}; ${duration} s simulated, the first ${warmup} s cut; seed ${seed}, ${runs}`;
}

/** One run as text for a terminal. */
export function runSummary(study: Study, result: RunResult, wallSeconds: number): string {
  const { utilisation, utilisationMeasured, kernelShare, kernelShareFull, throughputMbps, latencyUs } = result;
  const measured = result.duration - result.warmup;
  // The paper's hooks are in seL4 alone.
  const kernel = result.kernelLog === null ? [] : [['in the kernel', percent(kernelShare), `as the paper's hooks count it; ${percent(kernelShareFull)} with entry and exit stubs`]];
  const main = table(
    [
      ['CPU utilisation', percent(utilisation), `the system's own instrument reads ${percent(utilisationMeasured)}`],
      ['throughput', `${throughputMbps.toFixed(2)} Mb/s`, 'payload that read() returned'],
      ['latency', `${latencyUs.mean.toFixed(1)} us`, `mean from wire to read(); median ${latencyUs.p50.toFixed(1)} us, 99th percentile ${latencyUs.p99.toFixed(1)} us`],
      ...kernel,
    ],
    'lrl',
  );
  const parts = [heading(study, result.loop), main, ...kernelTable(result), accountTable(result), counterTable(result.counters, measured)];
  const speed = `${grouped(result.events)} events in ${wallSeconds.toFixed(2)} s; busy ${result.ticks.busy} + idle ${result.ticks.idle} = ${result.ticks.elapsed} ticks of 1 ps; fingerprint ${result.fingerprint}`;
  return [...parts, ...result.warnings.map((warning) => `Warning: ${warning}`), speed].join('\n\n');
}

function kernelTable({ kernelBreakdown, kernelShare, kernelLog, duration, warmup }: RunResult): string[] {
  const rows = Object.entries(kernelBreakdown).toSorted(([, a], [, b]) => b - a);
  if (rows.length === 0) return [];
  const lines = rows.map(([operation, share]) => [operation, percent(share, 3), kernelShare === 0 ? '-' : percent(share / kernelShare, 1)]);
  const text = `Kernel by operation (Fig 5)\n${table([['operation', 'of CPU time', 'of the kernel'], ...lines], 'lrr', '  ')}`;
  if (kernelLog === null) return [text];
  const full = kernelLog.fullAfter === null
    ? `held all ${grouped(kernelLog.entries)} entries`
    : `was full after ${kernelLog.fullAfter.toFixed(2)} s of ${duration - warmup} s (${grouped(kernelLog.logged)} of ${grouped(kernelLog.entries)} entries) and would show ${percent(kernelLog.share)}`;
  return [`${text}\n  The paper's log ${full}.`];
}

function accountTable({ breakdown, ticks }: RunResult): string {
  const accounts = Object.entries(breakdown).toSorted(([, a], [, b]) => b - a);
  const rows = accounts.slice(0, TOP_ACCOUNTS).map(([account, share]) => {
    const at = account.indexOf('/');
    return [account.slice(0, at), account.slice(at + 1), percent(share, 3)];
  });
  const others = accounts.slice(TOP_ACCOUNTS);
  if (others.length > 0) rows.push([`${others.length} others`, '', percent(others.reduce((sum, [, share]) => sum + share, 0), 3)]);
  rows.push(['idle', '', percent(Number(ticks.idle) / Number(ticks.elapsed), 3)]);
  return `Where the time goes (all accounts: --json)\n${table([['context', 'path', 'of CPU time'], ...rows], 'llr', '  ')}`;
}

function counterTable(counters: Readonly<Record<string, number>>, seconds: number): string {
  const rows = Object.entries(counters).map(([name, count]) => [name, grouped(count), (count / seconds).toFixed(0)]);
  return `Counters\n${table([['counter', 'count', 'per second'], ...rows], 'lrr', '  ')}`;
}

/** Replicated runs as text for a terminal. */
export function replicationSummary(study: Study, runs: readonly RunResult[], summary: Replications, wallSeconds: number): string {
  const inPercent = (name: string, { mean, sd, ci95 }: Estimate): string[] => row(name, mean * 100, sd === null ? null : sd * 100, ci95 === null ? null : [ci95[0] * 100, ci95[1] * 100], '%');
  const plain = (name: string, { mean, sd, ci95 }: Estimate, unit: string): string[] => row(name, mean, sd, ci95, unit);
  const operations = Object.entries(summary.kernelBreakdown).toSorted(([, a], [, b]) => b.mean - a.mean);
  const rows = [
    ['quantity', 'mean', 'sd', '95 % interval', 'unit'],
    inPercent('CPU utilisation', summary.utilisation),
    inPercent('  as the system measures it', summary.utilisationMeasured),
    plain('throughput', summary.throughputMbps, 'Mb/s'),
    plain('latency, mean', summary.latencyUs.mean, 'us'),
    plain('latency, median', summary.latencyUs.p50, 'us'),
    plain('latency, 99th percentile', summary.latencyUs.p99, 'us'),
  ];
  if (operations.length > 0) {
    rows.push(
      inPercent('in the kernel, as the paper counts', summary.kernelShare),
      ...operations.map(([operation, estimate]) => inPercent(`  ${operation}`, estimate)),
      inPercent('in the kernel, with stubs', summary.kernelShareFull),
    );
  }
  return [heading(study), table(rows, 'lrrrl'), `${runs.length} of ${study.reps} runs in ${wallSeconds.toFixed(2)} s; each run: --json`].join('\n\n');
}

function row(name: string, mean: number, sd: number | null, ci95: readonly [number, number] | null, unit: string): string[] {
  return [name, mean.toFixed(3), sd === null ? '-' : sd.toFixed(3), ci95 === null ? '-' : `${ci95[0].toFixed(3)}..${ci95[1].toFixed(3)}`, unit];
}

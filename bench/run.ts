// npm run bench -- [--json FILE] [--compare FILE] [--only TEXT] [--rounds N], from a bundle as users run the program: see build.mjs
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import nodeModule from 'node:module';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { type Bench, measure, type Result, type Sample, summarise } from './bench.ts';
import { exportBenches } from './export.ts';
import { figureBenches } from './figure.ts';
import { holdBenches } from './hold.ts';
import { importBenches } from './import.ts';
import { replayBenches } from './replay.ts';
import { scaleBenches, scaleReport } from './scale.ts';
import { systemBenches } from './systems.ts';
import { traceBenches } from './traces.ts';

/** Every benchmark, in the order of the table. */
const BENCHES: readonly Bench[] = [...holdBenches, ...systemBenches, ...scaleBenches, ...replayBenches, ...traceBenches, ...importBenches, ...exportBenches, ...figureBenches];

const HEADINGS = ['benchmark', 'events', 'rounds', 'CPU s', 'median', 'wall s', 'Mevents/CPU s', 'sim s/CPU s', 'frames/CPU s', 'peak MB', 'answers'];

function refuse(message: string): never {
  process.stderr.write(`bench: ${message}\n`);
  process.exit(2);
}

interface Options {
  readonly json: string | undefined;
  readonly compare: readonly Result[] | null;
  readonly only: string;
  readonly rounds: number;
}

function readOptions(): Options {
  const options = { json: { type: 'string' }, compare: { type: 'string' }, only: { type: 'string', default: '' }, rounds: { type: 'string', default: '3' } } as const;
  try {
    const { values } = parseArgs({ options });
    const rounds = Number(values.rounds);
    if (!Number.isSafeInteger(rounds) || rounds < 1) refuse(`--rounds ${values.rounds}: give a whole number from 1 on`);
    return { json: values.json, compare: values.compare === undefined ? null : readResults(values.compare), only: values.only, rounds };
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error));
  }
}

/** What an earlier `--json` wrote. */
function readResults(file: string): readonly Result[] {
  try {
    const { results } = JSON.parse(readFileSync(file, 'utf8')) as { readonly results?: readonly Result[] };
    if (Array.isArray(results)) return results;
  } catch (error) {
    refuse(`--compare ${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
  return refuse(`--compare ${file}: holds no results; give a file that --json wrote`);
}

function row(result: Result): string[] {
  const { name, events, rounds, wallSeconds, cpuSeconds, medianCpuSeconds, simulatedSeconds, frames, peakMegabytes, problems } = result;
  return [
    name,
    String(events),
    String(rounds),
    cpuSeconds.toFixed(3),
    medianCpuSeconds.toFixed(3),
    wallSeconds.toFixed(3),
    (events / cpuSeconds / 1e6).toFixed(2),
    simulatedSeconds === undefined ? '-' : (simulatedSeconds / cpuSeconds).toFixed(1),
    frames === undefined ? '-' : Math.round(frames / cpuSeconds).toString(),
    peakMegabytes.toFixed(0),
    problems.length === 0 ? 'right' : 'WRONG',
  ];
}

/** CPU time then over CPU time now: above 1 is faster. */
function comparison(results: readonly Result[], old: readonly Result[]): string[][] {
  const rows = [['benchmark', 'CPU s then', 'now', 'then/now', 'median', 'wall']];
  for (const now of results) {
    const then = old.find(({ name }) => name === now.name);
    if (then === undefined) continue;
    const ratio = (a: number | undefined, b: number): string => (a === undefined ? '-' : (a / b).toFixed(2));
    rows.push([now.name, then.cpuSeconds.toFixed(3), now.cpuSeconds.toFixed(3), ratio(then.cpuSeconds, now.cpuSeconds), ratio(then.medianCpuSeconds, now.medianCpuSeconds), ratio(then.wallSeconds, now.wallSeconds)]);
  }
  return rows;
}

function printTable(rows: readonly (readonly string[])[]): void {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((cells) => cells[column]?.length ?? 0)));
  for (const cells of rows) {
    // Names to the left, numbers to the right.
    const padded = cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)));
    process.stdout.write(`${padded.join('  ').trimEnd()}\n`);
  }
}

nodeModule.enableCompileCache();
const { json, compare, only, rounds } = readOptions();
const chosen = BENCHES.filter((bench) => bench.name.includes(only));
if (chosen.length === 0) refuse(`--only ${only}: no benchmark has that in its name`);

// Rounds over all benchmarks, so that what else the machine does falls on all alike.
const samples = new Map<Bench, Sample[]>(chosen.map((bench) => [bench, []]));
for (let round = 0; round < rounds; round++) {
  for (const [bench, taken] of samples) {
    if (round >= (bench.rounds ?? rounds)) continue;
    if (process.stderr.isTTY) process.stderr.write(`\r\u001B[Kround ${round + 1}: ${bench.name}`);
    taken.push(await measure(bench));
  }
}
if (process.stderr.isTTY) process.stderr.write('\r\u001B[K');

const results = [...samples].map(([bench, taken]) => summarise(bench.name, taken));
printTable([HEADINGS, ...results.map(row)]);
process.stdout.write(`CPU s, wall s and rates: the round with the least CPU time; Node ${process.versions.node}\n`);
for (const line of scaleReport(results)) process.stdout.write(`${line}\n`);
if (compare !== null) {
  process.stdout.write('\n');
  printTable(comparison(results, compare));
}

if (json !== undefined) {
  const machine = { node: process.versions.node, cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length };
  try {
    writeFileSync(`${json}.part`, `${JSON.stringify({ machine, rounds, results }, null, 2)}\n`);
    renameSync(`${json}.part`, json);
  } catch (error) {
    refuse(`--json ${json}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
for (const { name, problems } of results) for (const problem of problems) process.stderr.write(`bench: ${name}: ${problem}\n`);
if (results.some(({ problems }) => problems.length > 0)) process.exitCode = 1;

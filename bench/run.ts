// npm run bench -- [--json FILE] [--only TEXT] [--repeats N]
import { renameSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { measure, type Result } from './bench.ts';
import { exportBenches } from './export.ts';
import { holdBenches } from './hold.ts';
import { importBenches } from './import.ts';
import { systemBenches } from './systems.ts';
import { traceBenches } from './traces.ts';

const HEADINGS = ['benchmark', 'events', 'wall s', 'CPU s', 'Mevents/CPU s', 'sim s/CPU s', 'frames/CPU s', 'answers'];

function refuse(message: string): never {
  process.stderr.write(`bench: ${message}\n`);
  process.exit(2);
}

interface Options {
  readonly json: string | undefined;
  readonly only: string;
  readonly repeats: number;
}

function readOptions(): Options {
  const options = { json: { type: 'string' }, only: { type: 'string', default: '' }, repeats: { type: 'string', default: '3' } } as const;
  try {
    const { values } = parseArgs({ options });
    const repeats = Number(values.repeats);
    if (!Number.isSafeInteger(repeats) || repeats < 1) refuse(`--repeats ${values.repeats}: give a whole number from 1 on`);
    return { json: values.json, only: values.only, repeats };
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error));
  }
}

function row(result: Result): string[] {
  const { name, events, wallSeconds, cpuSeconds, simulatedSeconds, frames, problems } = result;
  return [
    name,
    String(events),
    wallSeconds.toFixed(3),
    cpuSeconds.toFixed(3),
    (events / cpuSeconds / 1e6).toFixed(2),
    simulatedSeconds === undefined ? '-' : (simulatedSeconds / cpuSeconds).toFixed(1),
    frames === undefined ? '-' : Math.round(frames / cpuSeconds).toString(),
    problems.length === 0 ? 'right' : 'WRONG',
  ];
}

function printTable(rows: readonly (readonly string[])[]): void {
  const widths = HEADINGS.map((_, column) => Math.max(...rows.map((cells) => cells[column]?.length ?? 0)));
  for (const cells of rows) {
    // Names to the left, numbers to the right.
    const padded = cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)));
    process.stdout.write(`${padded.join('  ').trimEnd()}\n`);
  }
}

const { json, only, repeats } = readOptions();
const chosen = [...holdBenches, ...systemBenches, ...importBenches, ...traceBenches, ...exportBenches].filter((bench) => bench.name.includes(only));
if (chosen.length === 0) refuse(`--only ${only}: no benchmark has that in its name`);

const results: Result[] = [];
for (const bench of chosen) {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001B[K${bench.name}`);
  results.push(measure(bench, repeats));
}
if (process.stderr.isTTY) process.stderr.write('\r\u001B[K');

printTable([HEADINGS, ...results.map(row)]);
const peakMegabytes = process.resourceUsage().maxRSS / 1024;
process.stdout.write(`best of ${repeats} by CPU time; peak memory of all ${peakMegabytes.toFixed(0)} MB; Node ${process.versions.node}\n`);

if (json !== undefined) {
  const machine = { node: process.versions.node, cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length };
  try {
    writeFileSync(`${json}.part`, `${JSON.stringify({ machine, repeats, peakMegabytes, results }, null, 2)}\n`);
    renameSync(`${json}.part`, json);
  } catch (error) {
    refuse(`--json ${json}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
for (const { name, problems } of results) for (const problem of problems) process.stderr.write(`bench: ${name}: ${problem}\n`);
if (results.some(({ problems }) => problems.length > 0)) process.exitCode = 1;

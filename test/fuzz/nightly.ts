// node test/fuzz/nightly.ts [--cases N] [--seed N] [--case N] [--save FOLDER]
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Failure, Fuzzer } from './harness.ts';

/** Bounded memory is a promise, too. */
const MOST_MEGABYTES = 800;
const MOST_FAILURES = 20;

function refuse(message: string): never {
  process.stderr.write(`nightly: ${message}\n`);
  process.exit(2);
}

function whole(name: string, text: string): number {
  const value = Number(text);
  if (text === '' || !Number.isSafeInteger(value) || value < 0) refuse(`--${name} ${text}: give a whole number from 0 on`);
  return value;
}

const { values } = parseArgs({ options: { cases: { type: 'string', default: '200000' }, seed: { type: 'string', default: '1' }, case: { type: 'string' }, save: { type: 'string', default: 'out/fuzz' } } });
const seed = whole('seed', values.seed);
const first = values.case === undefined ? 0 : whole('case', values.case);
const cases = values.case === undefined ? whole('cases', values.cases) : 1;

const fuzzer = new Fuzzer(seed);
let failures = 0;

function report(number: number, { target, problem, input }: Failure): void {
  failures++;
  mkdirSync(values.save, { recursive: true });
  const file = join(values.save, `seed-${seed}-case-${number}.bin`);
  writeFileSync(file, input);
  process.stdout.write(`case ${number} (${target}): ${problem}\n  input: ${file}; again: node test/fuzz/nightly.ts --seed ${seed} --case ${number}\n`);
}

const before = process.cpuUsage();
let done = 0;
for (let number = first; number < first + cases && failures < MOST_FAILURES; number++) {
  const failure = fuzzer.run(number);
  if (failure !== null) report(number, failure);
  done++;
  if (done % 10_000 === 0) process.stdout.write(`${done} of ${cases} cases, ${failures} failures\n`);
}
fuzzer.close();
const { user, system } = process.cpuUsage(before);
const megabytes = process.resourceUsage().maxRSS / 1024;
process.stdout.write(`seed ${seed}: ${done} cases, ${failures} failures, ${((user + system) / 1e6).toFixed(1)} CPU seconds, at most ${megabytes.toFixed(0)} MB\n`);
if (megabytes > MOST_MEGABYTES) process.stdout.write(`more than ${MOST_MEGABYTES} MB\n`);
if (failures > 0 || megabytes > MOST_MEGABYTES) process.exitCode = 1;

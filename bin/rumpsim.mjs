#!/usr/bin/env node
// Starts rumpsim on Node 24 or later: what `npm run build` made of the sources, or the TypeScript sources as they are where they are newer.
// Plain JavaScript, because a host's older Node has to read it; below 24 it hands over to the Node that npm installed beside it (package `node`).
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import nodeModule, { createRequire } from 'node:module';
import { constants } from 'node:os';
import { dirname, join, sep } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const NEEDED = 24;
const here = fileURLToPath(import.meta.url);
const root = dirname(dirname(here));

if (Number.parseInt(process.versions.node, 10) >= NEEDED) {
  // Stripping the types of the sources costs more than a short run; the cache keeps the result. Where it cannot be written nothing is lost.
  nodeModule.enableCompileCache?.(join(root, 'node_modules', '.cache', 'rumpsim'));
  // Node does not run TypeScript under node_modules, so an installed package has its built files only.
  const installed = here.split(sep).includes('node_modules');
  await import(installed || upToDate() ? '../dist/cli/main.js' : '../src/cli/main.ts');
} else {
  handOver(newerNode());
}

/** Whether there are built files, and nothing that they are made of has changed since their build began. */
function upToDate() {
  const built = statSync(join(root, 'dist', 'cli', 'main.js'), { throwIfNoEntry: false })?.mtimeMs;
  const sources = ['package.json', 'build.mjs', 'tsconfig.base.json', 'tsconfig.build.json', 'src'];
  return built !== undefined && sources.every((name) => olderThan(built, join(root, name)));
}

/** Looks at all in a folder, and at the folder itself, which changes when something in it is removed: 3 ms, a third of what readdir takes that is `recursive`. */
function olderThan(time, path) {
  const status = statSync(path, { throwIfNoEntry: false });
  return status === undefined || (status.mtimeMs < time && (!status.isDirectory() || readdirSync(path).every((name) => olderThan(time, join(path, name)))));
}

/** The path of the Node that npm installed, or an explanation and exit status 2. */
function newerNode() {
  try {
    const root = dirname(createRequire(here).resolve('node/package.json'));
    const binary = join(root, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
    if (existsSync(binary)) return binary;
  } catch {
    // The package is not there: said below, with the remedy.
  }
  process.stderr.write(
    `rumpsim: needs Node ${NEEDED}, this is ${process.versions.node} and npm's copy is missing: run \`npm ci\` with install scripts allowed\n`,
  );
  process.exit(2);
}

/** Becomes `node` as far as a child can: same arguments, streams, signals and end. */
function handOver(node) {
  const child = spawn(node, [...process.execArgv, here, ...process.argv.slice(2)], { stdio: 'inherit' });
  // A terminal sends Ctrl-C to the child as well: the command line counts two that come together as one.
  const forwarded = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of forwarded) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    process.stderr.write(`rumpsim: cannot start ${node}: ${error.message}\n`);
    process.exit(2);
  });
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code);
    for (const name of forwarded) process.removeAllListeners(name);
    process.kill(process.pid, signal);
    // A signal that does not end this process (or is not known here) still ends it, with the shell's number.
    setTimeout(() => process.exit(128 + (constants.signals[signal] ?? 0)), 100);
  });
}

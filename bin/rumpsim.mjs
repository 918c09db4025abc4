#!/usr/bin/env node
// Starts rumpsim on Node 24 or later, which runs the TypeScript sources as they are. Plain JavaScript, because a host's older Node
// has to read it; below 24 it hands over to the Node that npm installed beside it (package `node`).
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import nodeModule, { createRequire } from 'node:module';
import { constants } from 'node:os';
import { dirname, join, sep } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const NEEDED = 24;
const here = fileURLToPath(import.meta.url);

if (Number.parseInt(process.versions.node, 10) >= NEEDED) {
  // Node does not run TypeScript under node_modules, so an installed package starts its built files.
  const installed = here.split(sep).includes('node_modules');
  // Stripping the types of the sources costs more than a short run; the cache keeps the result. Where it cannot be written nothing is lost.
  nodeModule.enableCompileCache?.(join(dirname(dirname(here)), 'node_modules', '.cache', 'rumpsim'));
  await import(installed ? '../dist/cli/main.js' : '../src/cli/main.ts');
} else {
  handOver(newerNode());
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

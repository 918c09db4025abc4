// Bundles the program: V8 runs the model as one module an eighth faster than as a file for each class.
//   node build.mjs              the command line and its worker threads to dist/
//   node build.mjs --bench      the benchmarks, with the same, to bench/dist/
//   node build.mjs --out DIR    to another folder
//   node build.mjs --prepare    as first, but only where the bundler is installed: `npm ci --omit=dev` leaves it out, and the sources run then
// Plain JavaScript, because npm runs it with the host's Node.
import { readFileSync, utimesSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = dirname(fileURLToPath(import.meta.url));

/** What is started by itself, by its place in src: see src/study/place.ts. */
const ENTRIES = ['cli/main', 'cli/thread-worker', 'cli/export-file', 'cli/traced-run', 'study/worker', 'study/validate/worker'];

/** The bundler, or null where it is not installed or has no binary for this machine. */
async function bundler() {
  try {
    return (await import('rolldown')).rolldown;
  } catch {
    return null;
  }
}

const { values: options } = parseArgs({ options: { out: { type: 'string' }, bench: { type: 'boolean', default: false }, prepare: { type: 'boolean', default: false } } });
const rolldown = await bundler();
if (rolldown === null) {
  process.stderr.write(`rumpsim: nothing is built, rolldown is not installed${options.prepare ? ': the sources run as they are' : ''}\n`);
  process.exit(options.prepare ? 0 : 1);
}

const out = options.out ?? join(root, options.bench ? 'bench/dist' : 'dist');
const begin = new Date();
const input = Object.fromEntries(ENTRIES.map((name) => [name, join(root, 'src', `${name}.ts`)]));
if (options.bench) input['bench/run'] = join(root, 'bench/run.ts');
const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

const bundle = await rolldown({
  input,
  cwd: root,
  platform: 'node',
  tsconfig: join(root, 'tsconfig.build.json'),
  external: (id) => Object.keys(dependencies).some((name) => id === name || id.startsWith(`${name}/`)),
});
await bundle.write({
  dir: out,
  format: 'esm',
  cleanDir: true,
  sourcemap: true,
  entryFileNames: '[name].js',
  // One level below `out`, as src/study/place.ts is below src.
  chunkFileNames: 'chunks/[name]-[hash].js',
  codeSplitting: {
    groups: [
      // What a simulation runs, in one module: V8 reads an imported constant through a cell, and knows one of the same module.
      { name: 'model', test: /[\\/]src[\\/](?:(?:events|hw|anykernel|kernel|rump|load)[\\/]|study[\\/]simulate\.ts$)/ },
      // Never part of an entry, which may be two levels below `out`.
      { name: 'place', test: /[\\/]src[\\/]study[\\/]place\.ts$/ },
    ],
  },
});
await bundle.close();
// What is changed while it builds is newer than what was built: see bin/rumpsim.mjs.
utimesSync(join(out, 'cli/main.js'), begin, begin);

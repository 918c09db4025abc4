/**
 * Writes traces/SHA256SUMS and the table of traces/README.md from what is in traces/:
 *
 *   node traces/record/index.ts
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { TraceMetadata } from '../../src/trace/metadata.ts';
import { TraceReader } from '../../src/trace/reader.ts';

const folder = resolve(import.meta.dirname, '..');
const BEGIN = '<!-- table: node traces/record/index.ts -->';
const END = '<!-- end of table -->';

const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .map((name) => name.replaceAll('\\', '/'))
  .filter((name) => !name.startsWith('record/') && /\.(?:arrow|json|txt)$/.test(name))
  .toSorted();
const sums = files.map((name) => `${createHash('sha256').update(readFileSync(join(folder, name))).digest('hex')}  ${name}\n`);
writeFileSync(join(folder, 'SHA256SUMS'), sums.join(''));

const rows = files.filter((name) => name.endsWith('.arrow')).map((name) => {
  const reader = new TraceReader(join(folder, name));
  const { metadata } = reader;
  reader.close();
  const size = statSync(join(folder, name)).size;
  return `| ${name} | ${metadata.kind} | ${metadata.rows ?? 0} | ${seconds(metadata).toFixed(3)} | ${Math.ceil(size / 1000)} |`;
});
const readme = join(folder, 'README.md');
const text = readFileSync(readme, 'utf8');
const [before, rest] = [text.indexOf(BEGIN), text.indexOf(END)];
if (before < 0 || rest < before) throw new Error(`${readme}: the marks of the table are missing`);
const table = ['| trace | kind | rows | seconds | kB |', '|---|---|---:|---:|---:|', ...rows].join('\n');
writeFileSync(readme, `${text.slice(0, before)}${BEGIN}\n${table}\n${text.slice(rest)}`);
const total = files.reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
process.stdout.write(`${files.length} files, ${rows.length} traces, ${(total / 1e6).toFixed(1)} MB\n`);

function seconds({ span, clock }: TraceMetadata): number {
  return span === null ? 0 : ((span.last - span.first) * clock.picoseconds.numerator) / clock.picoseconds.denominator / 1e12;
}

import { didYouMean } from '../../study/nearest.ts';
import { EXPORT_FORMATS } from '../../trace/export/formats.ts';
import type { ExportFormat } from '../../trace/export/exporter.ts';
import { isArrow } from '../../trace/import/detect.ts';
import { readHead } from '../../trace/import/import-file.ts';
import { isDevice, partName, placeProblem } from '../../trace/part-name.ts';
import { STANDARD_STREAM } from '../../trace/standard-stream.ts';
import type { ExportTask } from '../export-file.ts';
import { UserError } from '../failure.ts';
import { importTrace, type OpenedTrace } from '../open-trace.ts';
import { commandLine } from '../package.ts';
import { inThread } from '../thread.ts';
import { importedBy, type ImportChoices, refuseInput } from './trace-input.ts';

/** Name and extension of traces themselves. */
const ARROW = 'arrow';

interface ConvertOptions extends ImportChoices {
  readonly to?: string;
}

/** `rumpsim trace convert`. */
export async function convert(files: readonly string[], options: ConvertOptions): Promise<void> {
  const inputs = files.slice(0, -1);
  const output = files.at(-1) ?? '';
  if (inputs.length === 0) throw new UserError('trace convert', 'nothing says what to write', 'give the file to write after the one to read');
  refuseInput(inputs, output);
  const format = formatOf(output, options.to);
  if (format === null) await toTrace(inputs, output, options);
  else await toOther(inputs, output, format, options);
}

async function toTrace(inputs: readonly string[], output: string, options: ConvertOptions): Promise<void> {
  const [input = ''] = inputs;
  if (inputs.length > 1) throw new UserError('trace convert', 'a trace is made of one recording', 'convert each, then `rumpsim trace merge`');
  if (output === STANDARD_STREAM) throw new UserError(output, 'a trace needs a file', 'give a name');
  if (input !== STANDARD_STREAM && options.format === undefined && isArrow(readHead(input))) throw new UserError(input, 'this is an Arrow file already', 'use it as it is, or cut it: rumpsim trace cut');
  await importTrace(input, output, options);
}

async function toOther(inputs: readonly string[], output: string, format: ExportFormat, options: ConvertOptions): Promise<void> {
  if (inputs.length > 1 && format.several !== true) throw new UserError(`--to ${format.name}`, `it holds one trace, these are ${inputs.length}`, 'convert each, or merge them first: rumpsim trace merge');
  const refused = output === STANDARD_STREAM ? null : placeProblem(output);
  if (refused !== null) throw new UserError(output, refused.problem, refused.remedy);
  const opened: OpenedTrace[] = [];
  for (const input of inputs) {
    const trace = await importedBy(input, options);
    trace.source.close();
    opened.push(trace);
    const { kind } = trace.source.metadata;
    if (!format.kinds.includes(kind)) throw new UserError(input, `this is a ${kind} trace, ${format.name} holds ${format.kinds.join(', ')}`, `choose another format: ${EXPORT_FORMATS.filter(({ kinds }) => kinds.includes(kind)).map(({ name }) => name).join(', ')}`);
  }
  const part = output === STANDARD_STREAM || isDevice(output) ? null : partName(output);
  const task: ExportTask = { format: format.name, traces: opened.map(({ arrow, file }) => ({ arrow, file })), output, part, command: commandLine(), tolerate: options.strict !== true };
  await inThread('cli/export-file', task, part === null ? [] : [part], (text) => process.stderr.write(`rumpsim: warning: ${text}\n`));
}

/** The format that is written, null for a trace. @throws UserError when neither --to nor the extension says it. */
function formatOf(output: string, to: string | undefined): ExportFormat | null {
  const names = [ARROW, ...EXPORT_FORMATS.map(({ name }) => name)];
  if (to !== undefined) {
    if (to === ARROW) return null;
    const named = EXPORT_FORMATS.find(({ name }) => name === to);
    if (named === undefined) throw new UserError('--to', `unknown format '${to}'`, didYouMean(to, names));
    return named;
  }
  if (output.endsWith(`.${ARROW}`)) return null;
  // Of '.pb.gz' and '.gz' the first.
  const fitting = EXPORT_FORMATS.filter(({ extension }) => output.endsWith(extension)).toSorted((a, b) => b.extension.length - a.extension.length);
  if (fitting[0] === undefined) throw new UserError(output, 'its name does not say what to write', `give one that ends in .arrow, ${EXPORT_FORMATS.map(({ extension }) => extension).join(', ')}, or --to`);
  return fitting[0];
}

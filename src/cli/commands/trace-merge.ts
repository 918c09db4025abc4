import { mergeTraces, planMerge } from '../../trace/merge.ts';
import { TraceWriter } from '../../trace/writer.ts';
import { UserError } from '../failure.ts';
import type { OpenedTrace } from '../open-trace.ts';
import { print } from '../output.ts';
import { commandLine } from '../package.ts';
import { inSteps } from '../steps.ts';
import { counted } from '../table.ts';
import { importedBy, type ImportChoices, refuseInput, tellWarnings } from './trace-input.ts';

/** `rumpsim trace merge`. */
export async function merge(files: readonly string[], options: ImportChoices & { readonly out: string }): Promise<void> {
  if (files.length < 2) throw new UserError('trace merge', 'one trace is nothing to merge', 'give two or more');
  refuseInput(files, options.out);
  const opened: OpenedTrace[] = [];
  for (const file of files) opened.push(await importedBy(file, options));
  const sources = opened.map(({ source }) => source);
  try {
    const plan = planMerge(sources, `merged by \`${commandLine()}\``);
    const total = sources.reduce<number | null>((sum, { metadata: { rows } }) => (sum === null || rows === null ? null : sum + rows), 0);
    const writer = new TraceWriter(options.out, sources[0]!.metadata.kind, plan.origin); // two at least
    try {
      const summary = await inSteps(options.out, mergeTraces(sources, writer, plan), total);
      writer.complete(summary);
      writer.publish();
    } finally {
      writer.abort();
    }
    for (const source of sources) tellWarnings(source);
    print(`${options.out}: ${counted(writer.rows, 'row')} of ${files.length} traces`);
  } finally {
    for (const source of sources) source.close();
  }
}

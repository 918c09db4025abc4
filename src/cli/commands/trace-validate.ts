import { STANDARD_STREAM } from '../../trace/standard-stream.ts';
import { validateTrace } from '../../trace/validate.ts';
import { STATUS_USER } from '../failure.ts';
import { print, printJson } from '../output.ts';
import { inSteps } from '../steps.ts';
import { counted } from '../table.ts';
import { importedBy, type ImportChoices, tellWarnings } from './trace-input.ts';
import { hashFile } from './trace-options.ts';

/** `rumpsim trace validate`. */
export async function validate(file: string, options: ImportChoices & { readonly json?: true }): Promise<void> {
  const { source } = await importedBy(file, options, false);
  const { metadata } = source;
  const { rows, batches, remarks } = await inSteps(file, validateTrace(source), metadata.rows).finally(() => source.close());
  const [first] = remarks;
  if (options.strict === true && first !== undefined) {
    process.stderr.write(`rumpsim: ${first}\n`);
    process.exitCode = STATUS_USER;
    return;
  }
  tellWarnings({ warnings: remarks });
  const hash = file === STANDARD_STREAM ? null : hashFile(file);
  if (options.json === true) printJson({ file, valid: true, kind: metadata.kind, rows, batches, warnings: remarks, hash });
  else print(`${file}: a valid ${metadata.kind} trace of ${counted(rows, 'row')} in ${counted(batches, 'batch', 'batches')}${hash === null ? '' : `; ${hash}`}`);
}

import { inPercent, markdownTable } from '../markdown.ts';
import type { JudgedRow } from './compare.ts';
import type { KnownDifference } from './known-differences.ts';
import type { ValidatedRecording, Validation } from './validate.ts';

/** A page about a validation, as Markdown: what was done, how it went, every row. It depends on the results alone. */
export function validationPage(validation: Validation): string {
  const recordings = validation.recordings.map((recording) => `## ${recording.name}\n\n${recordingText(recording)}`);
  return `# Against recordings of the real system\n\n${validationOverview(validation)}\n\n${recordings.join('\n\n')}\n`;
}

/** How a validation went, for a report that has a heading for it: counts by recording, and the rows that are farthest off. */
export function validationOverview(validation: Validation): string {
  const { verdict, complete, recordings } = validation;
  const worst = verdict.worst.map((row) => [row.recording, row.quantity].concat(numbers(row), row.known === null ? 'open' : whyText(row.known)));
  const overview = recordings.map(({ name, rows }) => [name].concat(counts(rows), SHOWN.map((shown) => rows.find(({ quantity }) => quantity === shown)?.ratio?.toFixed(4) ?? '')));
  return `${HOW}
${complete ? '' : '\n**Partial: it was interrupted. Recordings that were not finished are left out.**\n'}
${verdictText(validation)} The last columns are ratios of predicted to recorded.

${markdownTable(['recording', 'rows', 'within', 'outside', 'rare and outside', 'not predicted', ...SHOWN], `lrrrrr${'r'.repeat(SHOWN.length)}`, overview)}

Farthest off, the rare ones left out:

${worst.length === 0 ? 'None.' : markdownTable(['recording', 'quantity', 'predicted', 'recorded', 'ratio', 'why'], 'llrrrl', worst)}`;
}

/** Quantities whose ratios stand beside each recording. */
const SHOWN = ['NIC interrupts/s', 'kernel entries', 'kernel instructions', 'busy share'];

const HOW = `Each recording is predicted from its wire input alone: the frames into the machine with their virtual times. Beside these the model is told what the machine was (controller, timer,
throttle, descriptors, receive buffer, nanoseconds an instruction) and which part is counted. The instructions of each piece are counted in the other recordings, never in the one predicted; pieces
that those do not determine come from the bundled statistics, again without it. Aims: counts and kernel instructions within 2 %, busy share and user instructions within 5 %. "rare": so few were
recorded that one more or less is outside. "phases": where the kernel's tick and the rump kernel's clock stand is not on the wire; predictions are means over simulations that differ in that alone,
and the recorded number lies among theirs.`;

/** One line: how many rows are within the aim. */
export function verdictText({ rows, verdict }: Pick<Validation, 'rows' | 'verdict'>): string {
  const predicted = rows.length - verdict.unpredicted;
  const share = predicted === 0 ? '' : ` (${inPercent(verdict.within / predicted, 1)} %)`;
  return `${verdict.within} of ${predicted} predicted rows are within the aim${share}; ${verdict.outside - verdict.rareOutside} are outside, and ${verdict.rareOutside} more of which few were recorded; ${verdict.unpredicted} are not predicted.`;
}

function counts(rows: readonly JudgedRow[]): string[] {
  const of = (test: (row: JudgedRow) => boolean): string => String(rows.filter(test).length);
  return [String(rows.length), of(({ within }) => within === true), of(({ within, rare }) => within === false && !rare), of(({ within, rare }) => within === false && rare), of(({ within }) => within === null)];
}

function recordingText({ seconds, given, frames, costs, rows, warnings, unpredicted }: ValidatedRecording): string {
  const told = unpredicted === null ? `Given: ${frames} frames; ${given.join(', ')}. ${costs === null ? '' : costsText(costs)}` : `Not predicted: ${unpredicted}.`;
  const body = rows.map((row) => [row.quantity, ...numbers(row), flag(row), row.within === false ? (row.known === null ? 'open' : whyText(row.known)) : '']);
  return `${seconds.toFixed(4)} s of virtual time. ${told}${warnings.map((line) => `\n\nWarning: ${line}.`).join('')}\n\n${markdownTable(['quantity', 'predicted', 'recorded', 'ratio', '', 'why'], 'lrrrll', body)}`;
}

/** Where the costs of a prediction come from. */
export function costsText({ given, bundled, pieces }: NonNullable<ValidatedRecording['costs']>): string {
  const published = pieces.filter(({ from }) => from === 'published').length;
  const rest = [bundled === 0 ? '' : `${bundled} from the bundled statistics`, published === 0 ? '' : `${published} published`].filter((text) => text !== '').join(', ');
  return `Costs: ${pieces.length - bundled - published} of ${pieces.length} pieces counted in ${given} other recording${given === 1 ? '' : 's'}${rest === '' ? '' : `, ${rest}`}.`;
}

/** Why a row differs, in a line; what is open says so. */
export function whyText({ state, explanation }: KnownDifference): string {
  return state === 'open' ? `open: ${explanation}` : explanation;
}

/** Whether a row is within the aim, in a word or two. */
export function flag({ within, rare, phases }: JudgedRow): string {
  return within === null ? 'not predicted' : within ? '' : rare ? 'outside (rare)' : phases ? 'outside (phases)' : 'OUTSIDE';
}

/** Predicted, recorded and ratio, as they are printed. */
export function numbers({ quantity, predicted, recorded, ratio }: JudgedRow): [string, string, string] {
  const digits = quantity === 'busy share' ? 4 : quantity.endsWith('/s') ? 1 : 0;
  return [predicted === null ? '' : predicted.toFixed(digits), recorded.toFixed(digits), ratio === null ? '' : ratio.toFixed(4)];
}

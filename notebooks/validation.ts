import { type RatioRow, ratioPlot, type Verdict } from '../src/chart/validation.ts';
import { tableOf } from '../src/study/tables.ts';
import { aimOf } from '../src/study/validate/compare.ts';
import data from './data/validation.json' with { type: 'json' };
import { type Control, type Form, form } from './lib/controls.ts';
import { type Cell, copyButton, dataTable, element, Status } from './lib/dom.ts';
import { Figure, narrow, wide } from './lib/figure.ts';
import { UrlState } from './lib/url-state.ts';

/** What `rumpsim validate` notes beside a row that is not within the aim. */
interface Note {
  /** Null where nothing was predicted. */
  readonly within: boolean | null;
  readonly rare: boolean;
  /** The recorded number lies among those of the phases that the wire does not tell. */
  readonly phases: boolean;
  readonly state: string;
  readonly explanation: string | null;
}

interface Row {
  readonly recording: string;
  readonly quantity: string;
  readonly predicted: number | null;
  readonly recorded: number;
  readonly ratio: number | null;
  readonly verdict: Verdict | 'not predicted';
  readonly why: string;
}

/** Where a recording's name is too long for the page its first folder is left out. */
function shortName(name: string): string {
  return name.replace('sel4-rumprun-itr1500-0be59c6/', 'throttled/').replace('sel4-rumprun-0be59c6/', 'unthrottled/').replace('qemu-7.2-linux-6.1/', 'linux/');
}

function rowsOf(): Row[] {
  return data.recordings.flatMap(({ name, rows, notes, unpredicted }) => {
    const noted: Readonly<Record<string, Note | undefined>> = notes;
    return rows.map(({ quantity, predicted, recorded, ratio }): Row => {
      const note = noted[quantity];
      const verdict = note === undefined ? 'within the aim' : note.within === null ? 'not predicted' : note.rare ? 'too few to tell' : 'outside';
      const why = note === undefined ? '' : [note.explanation ?? unpredicted ?? '', note.phases ? 'the recorded number is among those of other phases of tick and clock' : ''].filter((text) => text !== '').join('; ');
      return { recording: name, quantity, predicted, recorded, ratio, verdict, why };
    });
  });
}

// What was predicted first.
const ROWS = rowsOf().toSorted((a, b) => Number(a.recording.startsWith('qemu')) - Number(b.recording.startsWith('qemu')));
const RECORDINGS = [...new Set(ROWS.map(({ recording }) => recording))];
const QUANTITIES = [...new Set(ROWS.map(({ quantity }) => quantity))];

const CONTROLS: readonly Control[] = [
  { kind: 'choice', name: 'recording', label: 'recording', choices: [['', 'all'], ...RECORDINGS.map((name) => [name, shortName(name)] as const)] },
  { kind: 'choice', name: 'quantity', label: 'quantity', choices: [['', 'all'], ...QUANTITIES.map((name) => [name, name] as const)] },
  { kind: 'choice', name: 'show', label: 'show', choices: [['', 'everything'], ['outside', 'outside the aim'], ['not predicted', 'not predicted']] },
];

/** What the model predicts of recorded runs, beside what was recorded. */
export class ValidationPage {
  readonly controls: Form;
  readonly toolbar: HTMLElement;
  readonly plot = new Figure('validation', 'Predicted over recorded');
  readonly table: HTMLElement = element('div');
  readonly about: HTMLElement;
  readonly status = new Status();
  private readonly state = new UrlState({ recording: '', quantity: '', show: '' });

  constructor() {
    this.controls = form(CONTROLS, this.state);
    this.toolbar = element('div', { class: 'toolbar' }, copyButton('copy link', () => new URL(this.state.link(), location.href).href), copyButton('copy as command', () => 'npx rumpsim validate traces'));
    this.controls.addEventListener('input', () => void this.draw());
    matchMedia('(max-width: 759px)').addEventListener('change', () => void this.draw());
    const { program, version, costsHash, phases, traceHashes } = data;
    this.about = element('details', {}, element('summary', {}, 'Where these numbers are from'),
      element('p', { class: 'status' }, `${program} ${version}, rumpsim validate traces --json; ${phases} simulations of each recording; hash of the costs ${costsHash}.`),
      dataTable(['recording', 'hash of its traces'], Object.entries(traceHashes), 'Hashes'));
  }

  async draw(): Promise<void> {
    const { recording, quantity, show } = this.controls.value;
    const rows = ROWS.filter((row) => (recording === '' || row.recording === recording) && (quantity === '' || row.quantity === quantity) && (show === '' || (show === 'outside' ? row.verdict === 'outside' || row.verdict === 'too few to tell' : row.verdict === show)));
    const count = (verdict: Row['verdict']): number => rows.filter((row) => row.verdict === verdict).length;
    this.status.say(`${rows.length} rows: ${count('within the aim')} within the aim, ${count('outside')} outside, ${count('too few to tell')} of which so few were recorded that one more or less is outside, ${count('not predicted')} not predicted`);
    this.list(rows);
    const byRecording = quantity !== '';
    const short = (name: string): string => (narrow() ? name.replace('kernel instructions', 'instructions').replace('kernel entries', 'entries').replace('Control_Issue', 'Control') : name);
    const drawn = rows.flatMap(({ recording: name, quantity: what, ratio, predicted, recorded, verdict }): RatioRow[] => {
      if (ratio === null || predicted === null || verdict === 'not predicted') return [];
      const [row, of] = byRecording ? [shortName(name), what] : [short(what), shortName(name)];
      return [{ row, of, ratio, aim: aimOf(what), verdict, predicted, recorded }];
    });
    this.plot.element.hidden = drawn.length === 0;
    if (drawn.length === 0) return;
    await this.plot.update(ratioPlot(drawn, wide(900) - (innerWidth < 760 ? 170 : 270)), tableOf(rows.map(({ recording: name, quantity: what, predicted, recorded, ratio, verdict }) => ({ recording: name, quantity: what, predicted, recorded, ratio, verdict }))));
  }

  private list(rows: readonly Row[]): void {
    const number = (value: number | null): Cell => ({ text: value === null ? '–' : Number.isInteger(value) ? value.toLocaleString('en') : value.toPrecision(5), kind: 'number' });
    const mark = { 'within the aim': 'yes', outside: 'no', 'too few to tell': 'open', 'not predicted': 'open' } as const;
    const cells = rows.map(({ recording, quantity, predicted, recorded, ratio, verdict, why }) => [
      shortName(recording), quantity, number(predicted), number(recorded), { text: ratio === null ? '–' : ratio.toFixed(3), kind: 'number' }, { text: verdict, kind: mark[verdict] }, { text: why, kind: 'source' },
    ]);
    this.table.replaceChildren(dataTable(['recording', 'quantity', 'predicted', 'recorded', 'ratio', '', 'why'], cells, 'Predicted and recorded', 'tall'));
  }
}

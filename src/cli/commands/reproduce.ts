import { existsSync, readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Command, Option } from 'commander';
import type { Manifest } from '../../study/manifest.ts';
import { defaultCosts } from '../../study/cost-tables.ts';
import type { BandStudy } from '../../study/bands.ts';
import { DEFAULT_PACING, type Grid } from '../../study/grid.ts';
import { readLimited } from '../../study/limits.ts';
import { SHORT } from '../../study/variants.ts';
import { inPackage } from '../../study/place.ts';
import { over } from '../../study/points.ts';
import type { ReferencePoint } from '../../study/reference.ts';
import type { Reproduction } from '../../study/reproduce.ts';
import type { Files } from '../../study/result-files.ts';
import type { Validation } from '../../study/validate/validate.ts';
import { tally } from '../claims-text.ts';
import { STATUS_INTERRUPTED, systemReason, UserError } from '../failure.ts';
import { addFigureOptions, addUntilOptions, type FigureOptions, gridOf, supervised } from '../figure-options.ts';
import { OutputFolder } from '../output-folder.ts';
import { print } from '../output.ts';
import { withProgress } from '../progress.ts';
import { provenance } from '../provenance.ts';
import { addSettingsHelp } from '../scenario-options.ts';
import { table } from '../table.ts';

export { registerClaims } from './claims.ts';

interface ReproduceOptions extends FigureOptions {
  readonly out: string;
  readonly reference?: string;
  readonly bands?: number | true;
  readonly recordings?: readonly string[] | false;
}

/** Draws of the study of Fig 5 over equal ranges of its fitted costs. */
const DRAWS = 25;
const QUICK_DRAWS = 9;

/** Draws of --bands. */
const BAND_DRAWS = 60;

const MANIFEST = 'manifest.json';
/** Every file this command may write, so that a new set does not stand among parts of an old one. */
const OWN = [
  'report.md', 'validation.md', 'claims.json', MANIFEST,
  ...['fig4', 'fig4-bands', 'fig5', 'fig5-loads'].flatMap((name) => ['vl.json', 'svg', 'png'].map((kind) => `${name}.${kind}`)),
  ...['runs', 'fig4', 'fig5', 'claims', 'fig5-ranges', 'fig4-bands', 'fig4-bands-draws'].flatMap((name) => ['csv', 'arrow'].map((kind) => `${name}.${kind}`)),
];

const HELP = `
Files: report.md ties the others together; fig4, fig5 and fig5-loads as .png, .svg and .vl.json (vega-lite, with data);
fig4, fig5, fig5-ranges, claims and runs as .csv and .arrow; with --bands fig4-bands and fig4-bands-draws; claims.json; manifest.json says where all of it comes from.

--reference takes points that someone has read off the paper's figure 4: a CSV file with the columns system, load_mbps and
utilisation (per cent when a value is above 1, otherwise 0..1); systems sel4-pic, sel4-ioapic, sel4-msi, bmk, netbsd, linux.

Ctrl-C keeps the runs that are finished and writes what they can fill, marked as partial.

Examples:
  rumpsim reproduce --out out --jobs 2
  rumpsim reproduce --out out --quick
  rumpsim reproduce --out out --bands              with what is not known about the costs
  rumpsim reproduce --out out --until-ci 0.01      replications until u is known to 0.01 points
  rumpsim reproduce --out out --reference digitised.csv
  rumpsim reproduce --out unthrottled --set nic.throttle=0`;

/** `rumpsim reproduce`: figures 4 and 5, the claims and the report. */
export function registerReproduce(program: Command): void {
  const command = program
    .command('reproduce')
    .summary('the paper\'s figures 4 and 5, the claims and a report')
    .description('Simulates every system at every load under every load model and writes figures, numbers, claims and a report.')
    .requiredOption('--out <folder>', 'where the files go; made when it is not there');
  addUntilOptions(addFigureOptions(command))
    .option('--reference <file>', 'CSV file with points of the paper\'s figure 4, drawn as hollow diamonds')
    .addOption(new Option('--bands [draws]', `propagate the uncertainty of all costs into Fig 4: draws of a Latin hypercube over their ranges (default ${BAND_DRAWS})`).argParser((text: string) => readLimited('reps', text, `--bands ${text}`)))
    .option('--recordings <folders...>', 'recordings of the real system, or folders above them: the report says how well each is predicted (default: those that come with the program; with --quick none)')
    .option('--no-recordings', 'leave that section out')
    .action(reproduce);
  addSettingsHelp(command).addHelpText('after', HELP);
}

async function reproduce(options: ReproduceOptions): Promise<void> {
  const grid = gridOf(options);
  const reference = options.reference === undefined ? [] : await loadReference(options.reference);
  const folder = new OutputFolder(options.out);
  const study = await import('../../study/reproduce.ts');
  const begin = performance.now();
  const results = await supervised('reproduce', options, (sweep) => study.reproduce(grid, options.quick === true ? QUICK_DRAWS : DRAWS, sweep)).catch((error: unknown) => {
    folder.discard();
    throw error;
  });
  const { runs, planned, complete } = results;
  if (!complete) {
    process.stderr.write(`rumpsim: interrupted: ${runs.length} of ${planned} runs of the figures are finished${runs.length === 0 ? '; nothing is written' : ''}\n`);
    process.exitCode = STATUS_INTERRUPTED;
    if (runs.length === 0) return folder.discard();
  }
  const bands = options.bands === undefined || !complete ? null : await propagate(grid, options.bands === true ? BAND_DRAWS : options.bands, options);
  const validation = !complete ? null : await validated(recordingsOf(options), options);
  const manifest = manifestOf(results, bands, validation);
  for (const [name, data] of await files(results, manifest, reference, bands, validation)) folder.write(name, data);
  folder.commit(MANIFEST, OWN);
  print(`${overview(results)}\n${tally(results.claims)}\n${runs.length} runs in ${((performance.now() - begin) / 1000).toFixed(1)} s${complete ? '' : ' (partial)'}; ${options.out}/report.md ties the files together`);
}

/** The bands of Fig 4. An abort keeps the draws that are finished. */
async function propagate(grid: Grid, draws: number, options: ReproduceOptions): Promise<BandStudy> {
  const { bandStudy } = await import('../../study/bands.ts');
  const bands = await supervised('bands', options, (sweep) => bandStudy({ ...grid, ...SHORT, pacing: DEFAULT_PACING }, draws, sweep));
  if (!bands.complete) {
    process.stderr.write(`rumpsim: interrupted: ${bands.points.length} of ${draws} draws are finished\n`);
    process.exitCode = STATUS_INTERRUPTED;
  }
  return bands;
}

/** The recordings of seL4 and Rumprun that come with the program: traces/. */
function bundledRecordings(): string[] {
  const traces = fileURLToPath(inPackage('traces'));
  return existsSync(traces) ? readdirSync(traces).filter((name) => name.startsWith('sel4-')).map((name) => join(traces, name)) : [];
}

function recordingsOf({ recordings, quick }: ReproduceOptions): readonly string[] {
  if (recordings === false) return [];
  // Commander sets true for --no-recordings that is not given.
  if (Array.isArray(recordings)) return recordings as readonly string[];
  return quick === true ? [] : bundledRecordings();
}

/** Recordings against their predictions. An abort keeps those that are finished. */
async function validated(recordings: readonly string[], { jobs }: ReproduceOptions): Promise<Validation | null> {
  if (recordings.length === 0) return null;
  const { validate } = await import('../../study/validate/validate.ts');
  const validation = await withProgress('recordings read and predicted', (watch) => validate(recordings, { jobs, ...watch }));
  if (!validation.complete) {
    process.stderr.write('rumpsim: interrupted: recordings that were not finished are left out\n');
    process.exitCode = STATUS_INTERRUPTED;
  }
  return validation;
}

async function loadReference(file: string): Promise<ReferencePoint[]> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw new UserError(file, `cannot be read: ${systemReason(error)}`, 'give the name of a CSV file to --reference');
  }
  const { readReference } = await import('../../study/reference.ts');
  return readReference(text, file);
}

/** Figures, tables and report of a reproduction, by file name. */
async function files(results: Reproduction, manifest: Manifest, reference: readonly ReferencePoint[], bands: BandStudy | null, validation: Validation | null): Promise<Files> {
  const [{ tableFiles }, { report }, { figures }, { render }] = await Promise.all([
    import('../../study/result-files.ts'), import('../../study/report.ts'), import('../../chart/figures.ts'), import('../../chart/render.ts'),
  ]);
  const all = tableFiles(results);
  const specs = figures(results.points, reference);
  const drawn = bands !== null && bands.points.length > 0 ? bands : null;
  if (drawn !== null) {
    const [{ fig4Bands }, { bandsTable, drawsTable }, { arrow, csv }] = await Promise.all([import('../../chart/bands.ts'), import('../../study/uncertainty-tables.ts'), import('../../study/tables.ts')]);
    specs.set('fig4-bands', fig4Bands(drawn, results.points, DEFAULT_PACING));
    for (const [name, data] of [['fig4-bands', bandsTable(drawn)], ['fig4-bands-draws', drawsTable(drawn)]] as const) all.set(`${name}.csv`, csv(data)).set(`${name}.arrow`, arrow(data));
  }
  for (const [name, spec] of specs) {
    const { spec: text, svg, png } = await render(spec);
    all.set(`${name}.vl.json`, text).set(`${name}.svg`, svg).set(`${name}.png`, png);
  }
  all.set('report.md', report(results, { version: manifest.version, costsHash: manifest.costsHash, reference, bands: drawn, validation }));
  if (validation !== null) all.set('validation.md', (await import('../../study/validate/page.ts')).validationPage(validation));
  const written = [...all.keys(), MANIFEST].toSorted();
  return all.set(MANIFEST, `${JSON.stringify({ ...manifest, complete: results.complete, runsFinished: results.runs.length, runsPlanned: results.planned, files: written }, null, 2)}\n`);
}

function manifestOf({ grid, ranges, runs }: Reproduction, bands: BandStudy | null, validation: Validation | null): Manifest {
  const { costs, loads, pacings, reps, sideReps, duration, warmup, seed, until } = grid;
  const scenario = { systems: parts(grid), loads, pacings, reps, sideReps, duration, warmup, seed, until, costs: changedCosts(grid), fig5Draws: ranges.points.length, bandDraws: bands?.points.length };
  return provenance({ scenario, costs, seeds: { seed, runs: [...new Set(runs.map(({ run }) => run))].toSorted((a, b) => a - b) }, traceHashes: validation === null ? {} : Object.fromEntries(validation.recordings.map(({ name, hash }) => [name, hash])) });
}

/** What each system is made of, by name. */
function parts({ systems }: Grid): Record<string, unknown> {
  return Object.fromEntries(systems.map(({ name, ...rest }) => [name, rest]));
}

function changedCosts({ costs }: Grid): Record<string, number> {
  const standard = defaultCosts();
  return Object.fromEntries(costs.rows().filter(({ id, value }) => value !== standard.value(id)).map(({ id, value }) => [id, value]));
}

/** Utilisation by system and load under the default load model. */
function overview({ points, grid }: Reproduction): string {
  const [pacing] = grid.pacings;
  const rows = grid.systems.filter(({ name }) => points.systems.includes(name)).map(({ name: system }) => [system].concat(points.loads.map((load) => {
    const point = pacing === undefined ? null : points.at(system, load, pacing);
    return point === null ? '-' : `${(over(point, (run) => run.utilisationMeasured).mean * 100).toFixed(2)} %`;
  })));
  return `CPU utilisation, ${pacing ?? ''}\n${table([['system'].concat(points.loads.map((load) => `${load} Mb/s`)), ...rows], `l${'r'.repeat(points.loads.length)}`, '  ')}`;
}

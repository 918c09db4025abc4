import { OPERATIONS } from '../kernel/sel4/operation.ts';
import type { BandStudy } from './bands.ts';
import { bandsSection } from './bands-report.ts';
import { decisiveText } from './claims/finding.ts';
import type { Claim } from './claims/claim.ts';
import { INSTRUMENT_READING, kernelPart, TRUE_READING } from './claims/reading.ts';
import { rangesText } from './fig5-ranges.ts';
import { DEFAULT_PACING } from './grid.ts';
import { inPercent, markdownTable } from './markdown.ts';
import { over, type Point, type PointSet } from './points.ts';
import type { ReferencePoint } from './reference.ts';
import type { Reproduction } from './reproduce.ts';
import { verdictText } from './tables.ts';
import { validationOverview } from './validate/page.ts';
import type { Validation } from './validate/validate.ts';

export interface ReportOrigin {
  readonly version: string;
  readonly costsHash: string;
  readonly reference: readonly ReferencePoint[];
  /** Null where the uncertainty of the costs was not propagated. */
  readonly bands?: BandStudy | null;
  /** Null where no recordings were given. */
  readonly validation?: Validation | null;
}

/** The Markdown text that ties figures, tables and claims together. It depends on the results alone. */
export function report(results: Reproduction, origin: ReportOrigin): string {
  const { points, claims } = results;
  const sections = [
    heading(results),
    conditions(results),
    fig4Section(points),
    ...(origin.reference.length > 0 ? [referenceSection(points, origin.reference)] : []),
    fig5Section(points),
    claimsSection(claims, points),
    fittedSection(results),
    ...(origin.bands === undefined || origin.bands === null ? [] : [bandsSection(origin.bands, points)]),
    ...(origin.validation === undefined || origin.validation === null ? [] : [`## Against recordings of the real system\n\n${validationOverview(origin.validation)}\n\n[validation.md](validation.md) has every row.`]),
    provenanceSection(results, origin),
  ];
  return `${sections.join('\n\n')}\n`;
}

function heading({ complete, runs, planned }: Reproduction): string {
  const title = '# Figures 4 and 5: CPU utilisation, and where the kernel\'s time goes';
  return complete ? title : `${title}\n\n**Partial: interrupted after ${runs.length} of ${planned} runs. Points without all their replications are left out, and claims about them are open.**`;
}

function conditions({ grid, points }: Reproduction): string {
  const { reps, sideReps = reps, duration, warmup, seed, loads, pacings, until } = grid;
  const goesOn = until === undefined ? '' : `, and as many more (up to ${until.most}) as it takes for a 95 % interval of utilisation narrower than ${Number((until.width * 100).toPrecision(6))} points`;
  const systems = grid.systems.concat(grid.companions);
  const rows = systems.map(({ name, title, kernel, controller, timer, nic }) => [name, title, kernel, controller, timer, String(nic.itr)]);
  return `## Conditions

${loads.join(', ')} Mb/s of TCP payload offered by one iperf client; ${reps} ${reps === 1 ? 'run' : 'runs'} a point${sideReps === reps ? '' : ` (${sideReps} under the load models beside the figure's)`}${goesOn}, of ${duration} s, of which the first ${warmup} s are cut; seed ${seed}, run numbers from 0.
The paper does not say how its client paced the load, so every figure stands under three models: ${pacings.join(', ')}. Where nothing else is said it is ${DEFAULT_PACING}.
Spreads are sample standard deviations, intervals 95 % Student-t intervals of the mean, both over the replications; comparisons of two systems are
paired by replication. They show how far runs differ, not how far the model's costs may be off.
${points.systems.length === systems.length ? '' : `\nNo complete results for ${systems.filter(({ name }) => !points.systems.includes(name)).map(({ name }) => name).join(', ')}.\n`}
${markdownTable(['system', 'what it is', 'kernel', 'controller', 'timer', 'ITR (256 ns)'], 'lllllr', rows)}`;
}

function fig4Section(points: PointSet): string {
  const tables = points.pacings.map((pacing) => {
    const there = points.systems.filter((system) => points.points.some((point) => point.system === system && point.pacing === pacing));
    const rows = there.map((system) => byLoad([system], points, (loadMbps) => {
      const point = points.at(system, loadMbps, pacing);
      if (point === null) return '';
      const { mean, sd } = over(point, (run) => run.utilisationMeasured);
      return `${inPercent(mean, 2)}${sd === null ? '' : ` ± ${inPercent(sd, 3)}`}`;
    }));
    return `CPU utilisation (%), mean ± standard deviation, ${pacing}:\n\n${markdownTable(['system', ...points.loads.map((load) => `${load} Mb/s`)], `l${'r'.repeat(points.loads.length)}`, rows)}`;
  });
  const gaps = points.systems.map((system) => {
    const differences = points.points.filter((point) => point.system === system).map((point) => Math.abs(over(point, (run) => run.utilisationMeasured - run.utilisation).mean));
    return `${system} ${inPercent(Math.max(...differences), 3)}`;
  });
  return `## Figure 4

![CPU utilisation against offered load](fig4.png)

What each system's own instrument reads, as in the paper; \`fig4.csv\` has the true busy share beside it, \`runs.csv\` every run. The mean reading is off the true share by at most, in percentage points: ${gaps.join(', ')}.

${tables.join('\n\n')}`;
}

function referenceSection(points: PointSet, reference: readonly ReferencePoint[]): string {
  const rows = reference.map(({ system, loadMbps, utilisation }) => {
    const point = points.at(system, loadMbps, DEFAULT_PACING);
    const model = point === null ? null : over(point, (run) => run.utilisationMeasured).mean;
    return [system, String(loadMbps), inPercent(utilisation, 2), model === null ? '' : inPercent(model, 2), model === null ? '' : inPercent(model - utilisation, 2)];
  });
  return `## Against the paper's own points\n\n${markdownTable(['system', 'load (Mb/s)', 'paper (%)', 'model (%)', 'difference (points)'], 'lrrrr', rows)}`;
}

function fig5Section(points: PointSet): string {
  const load = Math.max(...points.loads);
  const inKernel = points.points.filter(({ runs }) => runs.some(({ kernelLog }) => kernelLog !== null));
  const breakdown = inKernel.filter(({ loadMbps }) => loadMbps === load).map((point) => {
    const total = over(point, (run) => TRUE_READING.kernel(run)).mean;
    const head = [point.system, point.pacing, inPercent(total, 4)];
    const parts = OPERATIONS.map((operation) => `${inPercent(over(point, (run) => TRUE_READING.operation(run, operation)).mean, 4)} (${inPercent(over(point, (run) => kernelPart(run, TRUE_READING, [operation])).mean, 1)} %)`);
    return head.concat(parts, inPercent(over(point, (run) => run.kernelShareFull).mean, 4), inPercent(over(point, (run) => INSTRUMENT_READING.kernel(run)).mean, 4), fullAfter(point));
  });
  const totals = points.pacings.flatMap((pacing) => inKernel.filter((point) => point.pacing === pacing && point.loadMbps === load).map(({ system }) => byLoad([system, pacing], points, (loadMbps) => {
    const point = points.at(system, loadMbps, pacing);
    return point === null ? '' : inPercent(over(point, (run) => run.kernelShare).mean, 4);
  })));
  return `## Figure 5

![Kernel time by operation](fig5.png)

Kernel time in per cent of the CPU at ${load} Mb/s as the paper's hooks count it, without entry and exit stubs; in brackets the part of the kernel's time. "With stubs" is all of it.
"Log" is what the kernel's log of 65,536 entries would have shown of the window, and after how long it was full.

${markdownTable(['system', 'pacing', 'kernel', ...OPERATIONS, 'with stubs', 'log', 'log full after'], `llr${'r'.repeat(OPERATIONS.length)}rrr`, breakdown)}

![Kernel time by operation at every load](fig5-loads.png)

Kernel time in per cent of the CPU at every load:

${markdownTable(['system', 'pacing', ...points.loads.map((load) => `${load} Mb/s`)], `ll${'r'.repeat(points.loads.length)}`, totals)}`;
}

/** A row with a cell for each load behind some others. */
function byLoad(first: readonly string[], points: PointSet, cell: (loadMbps: number) => string): string[] {
  return first.concat(points.loads.map(cell));
}

function fullAfter({ runs }: Point): string {
  const times = runs.flatMap(({ kernelLog }) => (kernelLog?.fullAfter === null || kernelLog === null ? [] : [kernelLog.fullAfter]));
  return times.length === 0 ? 'never' : `${(times.reduce((sum, time) => sum + time, 0) / times.length).toFixed(2)} s`;
}

function claimsSection(claims: readonly Claim[], points: PointSet): string {
  const rows = claims.map((claim) => [
    claim.id, verdictText(claim.holds), claim.kind,
    ...points.pacings.map((pacing) => ['true', 'instrument'].map((reading) => verdictText(claim.verdicts.find((verdict) => verdict.pacing === pacing && verdict.reading === reading)?.holds ?? null)).join(' / ')),
    claim.text,
  ]);
  const details = claims.map((claim) => `- **${claim.id}** ${claim.finding}.`);
  const failed = claims.filter(({ holds }) => holds === false);
  return `## Claims

The paper's sentences as checks, at every load unless they say otherwise. "structural": it follows from how the systems are put together; "consistent": a cost was chosen with the
claim in view; "predicted": no number was chosen for it. Under each load model: by the true sums / as the paper's instruments would have read. "open": a system is missing.

${markdownTable(['claim', `holds (${DEFAULT_PACING})`, 'kind', ...points.pacings, 'what is checked'], `lll${'l'.repeat(points.pacings.length)}l`, rows)}

${details.join('\n')}

### Claims that do not hold

${failed.length === 0 ? 'None.' : failed.map((claim) => failure(claim)).join('\n\n')}`;
}

/** Every part of a failed claim that fails, load by load. */
function failure(claim: Claim): string {
  const verdict = claim.verdicts.find(({ pacing, reading }) => pacing === DEFAULT_PACING && reading === 'true');
  const lines = (verdict?.parts ?? []).filter(({ holds }) => holds === false)
    .map((part) => `- ${part.text}: holds at ${part.loadsHeld} of ${new Set(part.checks.map(({ loadMbps }) => loadMbps)).size} loads, ${part.loadsNeeded} needed\n${part.checks.map((check) => `  - ${check.holds ? 'yes' : 'no'}: ${decisiveText(check, claim.unit)}`).join('\n')}`);
  const others = claim.verdicts.filter((other) => other !== verdict).map(({ pacing, reading, holds }) => `${verdictText(holds)} (${pacing}, ${reading})`);
  return `**${claim.id}**, ${claim.text}.${claim.note === '' ? '' : ` ${claim.note}`}\n\n${lines.join('\n')}\n- Otherwise: ${others.join(', ')}`;
}

function fittedSection({ grid, ranges }: Reproduction): string {
  const rows = grid.costs.rows().filter(({ kind }) => kind === 'fitted').map(({ id, value, unit, low, high, source }) => [id, `${value} ${unit}`, `${low}..${high}`, source]);
  return `## What was fitted

These numbers were chosen inside their published ranges with Fig 5 in view, so F5.1 to F5.3 are consistent with the paper, not predicted:

${markdownTable(['cost', 'value', 'range', 'fitted to'], 'lrll', rows)}

${rangesText(ranges)}`;
}

function provenanceSection({ runs, complete }: Reproduction, { version, costsHash }: ReportOrigin): string {
  return `## Where this comes from

rumpsim ${version}; ${runs.length} runs${complete ? '' : ' (interrupted)'}; cost table ${costsHash}. \`manifest.json\` has the whole scenario and the command, \`runs.csv\` the fingerprint of every run, \`claims.json\` every inequality behind a verdict;
\`rumpsim costs\` prints each number of the model with its range and source.`;
}

import { quantity as written } from '../study/claims/finding.ts';
import type { BandStudy } from '../study/bands.ts';
import type { Flip } from '../study/flips.ts';
import { SCREEN, type Sensitivity, type Swing } from '../study/sensitivity.ts';
import { verdictText } from '../study/tables.ts';
import type { WarmupStudy } from '../study/warmup.ts';
import { table } from './table.ts';

/** Costs listed for a quantity. */
const LISTED = 5;

function points(value: number | null, digits = 3): string {
  return value === null ? '-' : (value * 100).toFixed(digits);
}

/** The costs that matter most, what turns the claims, and how far it can be trusted. */
export function sensitivityText(study: Sensitivity): string {
  const shares = study.baseLines.filter(({ quantity }) => quantity.claim === null).map(({ quantity, value }) => {
    const rows = study.swings.filter((swing) => swing.quantity.id === quantity.id).slice(0, LISTED).map(swingRow);
    return `${quantity.id} at ${study.loadMbps} Mb/s: ${points(value)} %\n${table([['cost', 'range', 'unit', 'low', 'high', 'swing'], ...rows], 'lllrrr', '  ')}`;
  });
  if (study.complete) return [...shares, flipsText(study), trust(study)].join('\n\n');
  return ['Partial: interrupted. Costs whose runs are not finished are missing; where claims turn was not looked for to the end.', ...shares].join('\n\n');
}

function swingRow({ cost, atLow, atHigh, swing }: Swing): string[] {
  return [cost.id, `${cost.low}..${cost.value}..${cost.high}`, cost.unit, points(atLow), points(atHigh), points(swing)];
}

function flipsText({ baseLines, flips }: Sensitivity): string {
  const claims = baseLines.filter(({ quantity }) => quantity.claim !== null);
  const rows = claims.flatMap(({ quantity, holds, value, noise }) => {
    const own = flips.filter(({ claim }) => claim === quantity.id);
    const head = [quantity.id, verdictText(holds), value === null ? '-' : written(value, quantity.unit), `${written(noise, quantity.unit)}`];
    if (own.length === 0) return [[...head, 'nothing within reach', '', '']];
    return own.map((flip, index) => (index === 0 ? head : ['', '', '', '']).concat(flipCells(flip)));
  });
  return `Where claims turn, one cost at a time\n${table([['claim', 'holds', 'margin', 'sd', 'cost', 'turns at', 'range'], ...rows], 'llrrlll', '  ')}`;
}

function flipCells({ cost, value, tolerance, inside }: Flip): string[] {
  const digits = Math.max(0, 3 - Math.floor(Math.log10(Math.max(Math.abs(value), 1e-9))));
  const at = `${value.toFixed(Math.min(digits, 4))}${tolerance === null ? '' : ` ± ${Number(tolerance.toPrecision(1))}`} ${cost.unit}`;
  return [cost.id, at, `${inside ? 'inside' : 'beyond'} ${cost.low}..${cost.value}..${cost.high}${inside ? '' : ' (extrapolated)'}`];
}

function trust({ setting, windowError, counts }: Sensitivity): string {
  const { all, fixed, unused, screened, still, withinNoise } = counts;
  const window = `Windows of ${+(setting.duration - setting.warmup).toFixed(3)} s after ${setting.warmup} s`;
  const error = windowError === null ? 'were not compared with whole runs' : `differ from 10 s after 10 s by at most ${points(windowError)} points of utilisation at any system and load`;
  return `${window} ${error}.
${all} costs: ${fixed} without a range, ${unused} read by no system; of the others ${still} move nothing in any digit and ${withinNoise} nothing beyond two standard deviations between runs.
${screened} moved no utilisation by more than ${SCREEN.utilisation * 100} points, no kernel share by more than ${SCREEN.kernel * 100} points and no throughput by more than ${SCREEN.throughput * 100} % at the first loads and were not simulated at the others.
F4.3 compares spreads between runs of 10 s and is not varied.`;
}

/** Bands at the highest load, and how often the claims hold. */
export function bandsText({ bands, claims, points: drawn, setting }: BandStudy): string {
  const highest = Math.max(...setting.loads);
  const rows = bands.filter(({ loadMbps }) => loadMbps === highest).map(({ system, published, median, low, high }) => [system, points(published, 2), points(median, 2), `${points(low, 2)}..${points(high, 2)}`]);
  const shares = claims.map(({ id, publishedHolds, held, judged }) => [id, verdictText(publishedHolds), `${held} of ${judged}`]);
  return `CPU utilisation at ${highest} Mb/s over ${drawn.length} draws of all costs (%)\n${table([['system', 'published', 'median', '95 % band'], ...rows], 'lrrr', '  ')}

Claims over the draws\n${table([['claim', 'as published', 'holds in'], ...shares], 'llr', '  ')}`;
}

/** Where MSER-5 cuts. */
export function warmupText({ rows, grid }: WarmupStudy): string {
  const cells = rows.map(({ system, loadMbps, cut, undecided, longest, bias, standardError, verdict }) => [
    system, String(loadMbps), `${cut.toFixed(1)}${undecided ? ' *' : ''}`, longest.toFixed(1), points(bias, 4), points(standardError, 4), verdict,
  ]);
  return `MSER-5 on ${grid.reps} runs of ${grid.duration} s a point, ${grid.pacings[0] ?? ''}: was a warm-up of ${grid.warmup} s enough?
${table([['system', 'Mb/s', 'cut (s)', 'longest of one run (s)', 'bias (points)', 'standard error (points)', 'enough'], ...cells], 'lrrrrrl', '  ')}
Cut: where the rule drops the start of the mean of the runs' series (* in its second half, where it is no evidence). Bias: mean after the warm-up less mean after the cut.`;
}

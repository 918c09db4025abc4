import type { ColumnTable } from 'arquero';
import type { BandStudy } from './bands.ts';
import { FIGURE_LOADS } from './grid.ts';
import { judgeShort } from './quantities.ts';
import type { Sensitivity } from './sensitivity.ts';
import { tableOf, verdictText } from './tables.ts';
import type { WarmupStudy } from './warmup.ts';

/** One row a swing: what one cost does to one quantity at both ends of its range. Shares and margins are 0..1, costs in their unit. */
export function swingsTable({ swings, loadMbps }: Sensitivity): ColumnTable {
  return tableOf(swings.map(({ cost, quantity, base, atLow, atHigh, swing, holdsAtLow, holdsAtHigh }) => ({
    quantity: quantity.id,
    quantity_unit: quantity.unit,
    load_mbps: quantity.claim === null ? loadMbps : null,
    cost: cost.id,
    cost_unit: cost.unit,
    low: cost.low,
    value: cost.value,
    high: cost.high,
    kind: cost.kind,
    base,
    at_low: atLow,
    at_high: atHigh,
    swing,
    holds_at_low: quantity.claim === null ? null : verdictText(holdsAtLow),
    holds_at_high: quantity.claim === null ? null : verdictText(holdsAtHigh),
    source: cost.source,
  })));
}

/** One row a value at which a claim turns. */
export function flipsTable({ flips }: Sensitivity): ColumnTable {
  return tableOf(flips.map(({ claim, holds, cost, value, tolerance, inside }) => ({
    claim, holds: verdictText(holds), cost: cost.id, unit: cost.unit, turns_at: value, tolerance, inside_range: inside ? 'yes' : 'no', found_by: inside ? 'simulation' : 'extrapolation',
    low: cost.low, value: cost.value, high: cost.high, kind: cost.kind,
  })));
}

/** One row a system and load. */
export function bandsTable({ bands, points }: BandStudy): ColumnTable {
  return tableOf(bands.map(({ system, loadMbps, published, median, low, high }) => ({ system, load_mbps: loadMbps, draws: points.length, published, median, low_95: low, high_95: high })));
}

/** One row a draw: utilisation of each system at each load, and the verdicts. */
export function drawsTable({ points, setting }: BandStudy): ColumnTable {
  return tableOf(points.map((set, draw) => ({
    draw,
    ...Object.fromEntries(set.points.map(({ system, loadMbps, runs }) => [`u_${system}_${loadMbps}`, runs[0]?.utilisation ?? null])),
    ...Object.fromEntries(judgeShort(set, FIGURE_LOADS.filter((load) => setting.loads.includes(load)), setting.pacing).map(({ id, holds }) => [`holds_${id}`, verdictText(holds)])),
  })));
}

/** One row a system and load: where MSER-5 cuts, seconds. */
export function warmupTable({ rows }: WarmupStudy): ColumnTable {
  return tableOf(rows.map(({ system, loadMbps, pacing, runs, cut, undecided, longest, bias, standardError, verdict }) => ({
    system, load_mbps: loadMbps, pacing, runs, cut_s: cut, undecided: undecided ? 'yes' : 'no', longest_cut_s: longest, bias_points: bias * 100, standard_error_points: standardError * 100, enough: verdict,
  })));
}

import { FIGURE_SYSTEMS } from './claims.ts';
import { didYouMean } from './nearest.ts';
import { UserError } from './user-error.ts';

/** A point of the paper's figure 4, read off by someone who has it. */
export interface ReferencePoint {
  readonly system: string;
  readonly loadMbps: number;
  /** 0..1. */
  readonly utilisation: number;
}

const COLUMNS = ['system', 'load_mbps', 'utilisation'] as const;
const EXAMPLE = 'give a header `system,load_mbps,utilisation` and rows like `sel4-pic,900,31.5`';

/**
 * Reads digitised points: a CSV file with the columns system, load_mbps and utilisation, in any order, others ignored. Utilisation is in per cent when any
 * value of the file is above 1, otherwise 0..1. Empty lines and lines that begin with # are skipped.
 * @throws UserError naming file, row and remedy.
 */
export function readReference(text: string, file: string): ReferencePoint[] {
  const rows = text.replace(/^\uFEFF/, '').split(/\r?\n/).map((line, index) => ({ place: `${file}:${index + 1}`, line: line.trim() })).filter(({ line }) => line !== '' && !line.startsWith('#'));
  const [header, ...body] = rows;
  if (header === undefined) throw new UserError(file, 'has no rows', EXAMPLE);
  const names = cells(header.line);
  const [system, load, utilisation] = COLUMNS.map((column) => {
    const at = names.indexOf(column);
    if (at < 0) throw new UserError(header.place, `has no column '${column}'`, EXAMPLE);
    return at;
  });
  if (body.length === 0) throw new UserError(file, 'has a header and no points', EXAMPLE);
  const points = body.map(({ line, place }) => {
    const values = cells(line);
    if (values.length !== names.length) throw new UserError(place, `has ${values.length} cells, the header has ${names.length}`, 'write one cell for each column');
    const name = values[system ?? 0] ?? '';
    if (!FIGURE_SYSTEMS.some((known) => known === name)) throw new UserError(place, `unknown system '${name}'`, didYouMean(name, FIGURE_SYSTEMS));
    return { place, system: name, loadMbps: number(values[load ?? 0], 1000, 'load', 'Mb/s', place), utilisation: number(values[utilisation ?? 0], 100, 'utilisation', 'per cent, or 0..1', place) };
  });
  const seen = new Set<string>();
  for (const { system, loadMbps, place } of points) {
    const key = `${system} at ${loadMbps} Mb/s`;
    if (seen.has(key)) throw new UserError(place, `${key} is there twice`, 'keep one row a point');
    seen.add(key);
  }
  const scale = points.some((point) => point.utilisation > 1) ? 100 : 1;
  return points.map(({ system, loadMbps, utilisation }) => ({ system, loadMbps, utilisation: utilisation / scale }));
}

function cells(line: string): string[] {
  return line.split(',').map((cell) => cell.trim().replace(/^"(.*)"$/, '$1'));
}

function number(text: string | undefined, highest: number, what: string, unit: string, place: string): number {
  const value = text === undefined || text === '' ? Number.NaN : Number(text.replace(/\s*%$/, ''));
  if (!(value >= 0 && value <= highest)) throw new UserError(place, `${what} '${text ?? ''}' is not a number in 0..${highest}`, `give ${unit}`);
  return value;
}

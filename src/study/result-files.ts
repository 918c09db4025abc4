import type { Reproduction } from './reproduce.ts';
import { arrow, claimsTable, csv, fig4Table, fig5Table, rangesTable, runsTable } from './tables.ts';

/** Files by name. */
export type Files = Map<string, string | Uint8Array>;

/** The numbers of a reproduction as CSV, Arrow and JSON. A table without rows has no file. */
export function tableFiles({ runs, points, claims, ranges }: Reproduction): Files {
  const files: Files = new Map();
  const tables = { runs: runsTable(runs), fig4: fig4Table(points), fig5: fig5Table(points), claims: claimsTable(claims), 'fig5-ranges': rangesTable(ranges) };
  for (const [name, data] of Object.entries(tables)) {
    if (data.numRows() === 0) continue;
    files.set(`${name}.csv`, csv(data));
    files.set(`${name}.arrow`, arrow(data));
  }
  files.set('claims.json', `${JSON.stringify(claims, null, 2)}\n`);
  return files;
}

import type { Claim } from '../study/claims/claim.ts';
import { verdictText } from '../study/tables.ts';
import { table, terminalWidth, wrap } from './table.ts';

/** The claims for people: on a terminal each with its finding below it, in a pipe one line each. */
export function claimsText(claims: readonly Claim[]): string {
  const width = terminalWidth();
  const rows = claims.map(({ id, holds, kind, text }) => [id, verdictText(holds), kind, text]);
  if (width === undefined) return table([['claim', 'holds', 'kind', 'finding', 'text'], ...claims.map(({ id, holds, kind, finding, text }) => [id, verdictText(holds), kind, finding, text])], 'lllll');
  const heads = table(rows.map((row) => row.slice(0, 3)), 'lll').split('\n');
  return claims.map(({ text, finding }, index) => [heads[index] ?? '', ...wrap(text, width - 4).map((line) => `    ${line}`), ...wrap(finding, width - 6).map((line) => `      ${line}`)].join('\n')).join('\n');
}

/** How many hold, fail and are open. */
export function tally(claims: readonly Claim[]): string {
  const count = (wanted: boolean | null): number => claims.filter(({ holds }) => holds === wanted).length;
  const failed = claims.filter(({ holds }) => holds === false).map(({ id }) => id);
  const needs = [...new Set(claims.filter(({ holds }) => holds === null).flatMap((claim) => claim.needs))];
  return `${count(true)} claims hold, ${count(false)} do not${failed.length === 0 ? '' : ` (${failed.join(', ')})`}, ${count(null)} are open${needs.length === 0 ? '' : ` (they need ${needs.join(', ')})`}`;
}

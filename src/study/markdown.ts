/** A Markdown table. `align` has one letter a column: l or r. Bars in cells are escaped. */
export function markdownTable(header: readonly string[], align: string, rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(header), `|${[...align].map((letter) => (letter === 'r' ? '---:' : '---')).join('|')}|`, ...rows.map(line)].join('\n');
}

/** A share 0..1 in per cent, without the sign. */
export function inPercent(share: number, digits: number): string {
  return (share * 100).toFixed(digits);
}

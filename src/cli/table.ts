/** Lays rows out in columns. `align` has one letter a column: l or r. Widths come from the cells; the last column is not padded. */
export function table(rows: readonly (readonly string[])[], align: string, indent = ''): string {
  const widths = [...align].map((_, column) => Math.max(0, ...rows.map((cells) => cells[column]?.length ?? 0)));
  return rows
    .map((cells) => {
      const padded = cells.map((cell, column) => (align[column] === 'r' ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0)));
      return `${indent}${padded.join('  ')}`.trimEnd();
    })
    .join('\n');
}

/** Breaks text into lines of at most `width` characters at spaces; a longer word has a line of its own. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/)) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return line === '' ? lines : [...lines, line];
}

/** A share 0..1 in percent. */
export function percent(share: number, digits = 2): string {
  return `${(share * 100).toFixed(digits)} %`;
}

/** A whole number with thousands separated by commas; others with two digits. */
export function grouped(value: number): string {
  return Number.isInteger(value) ? String(value).replaceAll(/\B(?=(\d{3})+$)/g, ',') : value.toFixed(2);
}

/** `1 row`, `54,414 rows`. */
export function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${grouped(count)} ${count === 1 ? noun : plural}`;
}

/** The terminal's width; a pipe has none. */
export function terminalWidth(stream: NodeJS.WriteStream = process.stdout): number | undefined {
  return stream.isTTY && stream.columns > 0 ? stream.columns : undefined;
}

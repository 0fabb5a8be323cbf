import { stripVTControlCharacters } from 'node:util';

const GAP = '  ';

/** Rows in columns as wide as their widest cell; nothing is cut off, no final newline. Cells may carry colours. */
export function formatTable(rows: readonly (readonly string[])[]): string {
  const columns = rows.reduce((most, row) => Math.max(most, row.length), 0);
  const widths = Array.from({ length: columns }, (_, i) =>
    rows.reduce((widest, row) => Math.max(widest, width(row[i])), 0),
  );
  return rows.map((row) => formatRow(row, widths)).join('\n');
}

function formatRow(row: readonly string[], widths: readonly number[]): string {
  const cells = row.map((cell, i) => cell + ' '.repeat((widths[i] ?? 0) - width(cell)));
  return cells.join(GAP).trimEnd();
}

/** As it is seen, without the escapes of its colours. */
function width(cell = ''): number {
  return stripVTControlCharacters(cell).length;
}

/** One CSV record (RFC 4180), without a line break at its end. */
export function csvLine(cells: readonly (string | number)[]): string {
  return cells.map((cell) => quote(String(cell))).join(',');
}

function quote(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

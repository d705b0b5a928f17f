/** Points of the reader's own from a CSV file: x, y, label on each line; a heading is skipped. */
export interface OwnPoint { x: number; y: number; label: number }

export function pointsFrom(text: string): OwnPoint[] {
  const rows = text.split(/\r?\n/).map((line) => line.split(/[,;\t]/).map((cell) => cell.trim()));
  const numeric = rows.filter((row) => row.length >= 3 && row.slice(0, 3).every((cell) => cell !== '' && Number.isFinite(Number(cell))));
  const labels = numeric.map((row) => Number(row[2]));
  const zeroOne = labels.every((v) => v === 0 || v === 1);
  return numeric.map(([x, y], i) => ({ x: Number(x), y: Number(y), label: zeroOne ? 2 * labels[i]! - 1 : labels[i]! }));
}

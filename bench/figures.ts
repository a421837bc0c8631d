/** What a case came to. */
export interface Figures {
  readonly name: string;
  readonly readingsPerS: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Share of one core, by process. */
  readonly cpu: Readonly<Record<string, number>>;
  /** The most memory, by process. */
  readonly peakMiB: Readonly<Record<string, number>>;
  readonly acknowledged: number;
  readonly stored: number;
  readonly storedAfterMs: number;
  /** Viewer's case: publishes that no frame showed. */
  readonly neverShown: number;
}

export type Baseline = Readonly<Record<string, Figures>>;

const processOrder = ['generator', 'ingest', 'nats-server', 'processors', 'influxd', 'dashboard', 'up'];

/** One table; beside each figure its ratio to the baseline's. */
export function figuresTable(cases: readonly Figures[], baseline: Baseline): string {
  const rows = [['case', 'readings/s', 'p50 ms', 'p99 ms', ...processOrder.map((name) => `${name} CPU`)]];
  const memory = [['', '', '', '', ...processOrder.map(() => 'MiB')]];
  for (const figures of cases) {
    const base = baseline[figures.name];
    rows.push([
      figures.name,
      withRatio(figures.readingsPerS, base?.readingsPerS, 0),
      withRatio(figures.p50Ms, base?.p50Ms, 1),
      withRatio(figures.p99Ms, base?.p99Ms, 1),
      ...processOrder.map((name) => withRatio(figures.cpu[name], base?.cpu[name], 2)),
    ]);
    memory.push([
      `${figures.name}, MiB`,
      '',
      '',
      '',
      ...processOrder.map((name) => withRatio(figures.peakMiB[name], base?.peakMiB[name], 0)),
    ]);
  }
  return aligned([...rows, ...memory.slice(1)]);
}

/** `1,199,988 acknowledged, 1,199,988 stored 0.4 s after the last acknowledgement` */
export function storedText({ name, acknowledged, stored, storedAfterMs, neverShown }: Figures): string {
  const count = (number: number) => number.toLocaleString('en-US');
  const missing = acknowledged - stored;
  const verdict =
    missing === 0 ? 'none missing' : `${count(Math.abs(missing))} ${missing > 0 ? 'NOT STORED by then' : 'TOO MANY'}`;
  const frames = neverShown > 0 ? `, ${count(neverShown)} in no frame` : '';
  return `${name}: ${count(acknowledged)} acknowledged, ${count(stored)} stored ${(storedAfterMs / 1000).toFixed(1)} s after the last acknowledgement, ${verdict}${frames}`;
}

function withRatio(value: number | undefined, base: number | undefined, digits: number): string {
  if (value === undefined) return '-';
  const text = value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return base ? `${text} (x${(value / base).toFixed(2)})` : text;
}

/** A table with its first column to the left, the others to the right. */
export function aligned(rows: readonly string[][]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map(
      (row) =>
        `  ${row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!))).join('  ')}`,
    )
    .join('\n');
}

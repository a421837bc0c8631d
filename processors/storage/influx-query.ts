import type { InfluxConnection } from './influx-connection.ts';

interface QueryAnswer {
  readonly error?: string;
  readonly results?: readonly {
    readonly error?: string;
    readonly series?: readonly {
      readonly tags?: Readonly<Record<string, string>>;
      readonly columns: readonly string[];
      readonly values?: readonly (readonly unknown[])[];
    }[];
  }[];
}

/** InfluxDB answered, and refuses. */
export class RefusedStatement extends Error {}

/**
 * Runs one InfluxQL statement. Rows become objects: the tags of their series and the columns that have a value;
 * times are epoch microseconds.
 * @throws HttpError, network errors, or RefusedStatement with InfluxDB's words when it refuses the statement.
 */
export async function queryInflux(
  connection: InfluxConnection,
  statement: string,
  signal: AbortSignal,
): Promise<Record<string, unknown>[]> {
  const body = new URLSearchParams({ q: statement, db: connection.bucket, epoch: 'u' }).toString();
  const answer = (await connection.send('POST', '/query', body, signal)) as QueryAnswer | undefined;
  const result = answer?.results?.[0];
  const error = answer?.error ?? result?.error;
  if (error !== undefined) throw new RefusedStatement(`InfluxDB refused "${statement}": ${error}`);
  const rows: Record<string, unknown>[] = [];
  for (const { tags, columns, values } of result?.series ?? [])
    for (const row of values ?? []) {
      const present = columns.map((name, index) => [name, row[index]] as const).filter(([, value]) => value !== null);
      rows.push({ ...tags, ...Object.fromEntries(present) });
    }
  return rows;
}

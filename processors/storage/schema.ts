import { HttpError } from '@influxdata/influxdb-client';
import type { Generation, InfluxConnection } from './influx-connection.ts';
import { queryInflux } from './influx-query.ts';
import { policies, policyKeepsUs } from './retention.ts';
import type { Policy } from './retention.ts';

/**
 * Creates database and retention policies (2.x: buckets and their mapping for InfluxQL) where they are missing. What
 * is there stays as it is: an operator may keep points longer. Safe to repeat.
 * @throws HttpError, network errors, or Error with InfluxDB's words when it refuses a statement.
 */
export async function ensureSchema(
  connection: InfluxConnection,
  generation: Generation,
  signal: AbortSignal,
): Promise<void> {
  if (generation === 1) await ensureDatabase(connection, signal);
  else await ensureBuckets(connection, signal);
}

async function ensureDatabase(connection: InfluxConnection, signal: AbortSignal): Promise<void> {
  const database = identifier(connection.bucket);
  await queryInflux(connection, `CREATE DATABASE ${database}`, signal);
  const rows = await queryInflux(connection, `SHOW RETENTION POLICIES ON ${database}`, signal);
  const existing = new Set(rows.map(({ name }) => name));
  const isDefault = rows.some((row) => row.name === defaultPolicy && row.default === true);
  for (const policy of policies) {
    const suffix = policy === defaultPolicy ? ' DEFAULT' : '';
    if (!existing.has(policy))
      await queryInflux(
        connection,
        `CREATE RETENTION POLICY ${identifier(policy)} ON ${database} DURATION ${duration(policy)} REPLICATION 1${suffix}`,
        signal,
      );
    else if (policy === defaultPolicy && !isDefault)
      await queryInflux(connection, `ALTER RETENTION POLICY ${identifier(policy)} ON ${database} DEFAULT`, signal);
  }
}

/** Queries without a policy read this one. */
const defaultPolicy: Policy = 'readings';

function duration(policy: Policy): string {
  const keepsUs = policyKeepsUs[policy];
  return keepsUs === null ? 'INF' : `${keepsUs / 86_400_000_000}d`;
}

function identifier(name: string): string {
  return `"${name.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
}

interface Buckets {
  readonly buckets?: readonly { readonly id: string; readonly name: string }[];
}

async function ensureBuckets(connection: InfluxConnection, signal: AbortSignal): Promise<void> {
  const { org, bucket: database } = connection;
  const get = (path: string, params: Record<string, string>) =>
    connection.send('GET', `${path}?${new URLSearchParams(params)}`, '', signal);
  const orgs = await unlessMissing(get('/api/v2/orgs', { org }));
  const orgID = (orgs as { orgs?: readonly { id: string }[] } | undefined)?.orgs?.[0]?.id;
  if (orgID === undefined) throw new Error(`InfluxDB knows no organization "${org}", or the token may not see it`);
  const mappings = (await get('/api/v2/dbrps', { orgID, db: database })) as
    | { content?: readonly { retention_policy: string; virtual?: boolean }[] }
    | undefined;
  for (const policy of policies) {
    const name = `${database}/${policy}`;
    const found = await unlessMissing(get('/api/v2/buckets', { orgID, name }));
    const bucketID =
      (found as Buckets | undefined)?.buckets?.[0]?.id ?? (await createBucket(connection, orgID, name, policy, signal));
    const mapped = mappings?.content?.some((one) => one.retention_policy === policy && one.virtual !== true);
    if (mapped === true) continue;
    const mapping = { bucketID, orgID, database, retention_policy: policy, default: policy === defaultPolicy };
    await connection.send('POST', '/api/v2/dbrps', mapping, signal);
  }
}

/** Versions of 2.x differ: a name that does not exist gives an empty list or 404. */
async function unlessMissing(answer: Promise<unknown>): Promise<unknown> {
  try {
    return await answer;
  } catch (cause) {
    if (cause instanceof HttpError && cause.statusCode === 404) return undefined;
    throw cause;
  }
}

async function createBucket(
  connection: InfluxConnection,
  orgID: string,
  name: string,
  policy: Policy,
  signal: AbortSignal,
): Promise<string> {
  const keepsUs = policyKeepsUs[policy];
  const retentionRules = keepsUs === null ? [] : [{ type: 'expire', everySeconds: keepsUs / 1_000_000 }];
  const created = await connection.send('POST', '/api/v2/buckets', { orgID, name, retentionRules }, signal);
  const id = (created as { id?: string } | undefined)?.id;
  if (id === undefined) throw new Error(`InfluxDB created bucket ${name} without saying its id`);
  return id;
}

import { RequestRefused, type Answer } from './answer.ts';

/** What InfluxDB's clients ask besides writing. The version says what is spoken: that of 1.8, which has both writes. */
export const influxVersion = '1.8.0-millrace';

/** `/ping` of InfluxDB 1 and 2. */
export function ping(query: URLSearchParams): Answer {
  const verbose = query.get('verbose');
  if (verbose === null || verbose === 'false') return { status: 204 };
  return { status: 200, body: { version: influxVersion } };
}

/** `/health` of InfluxDB 2. */
export function health(writable: boolean): Answer {
  const found = writable
    ? { message: 'ready for queries and writes', status: 'pass' }
    : { message: 'the log takes no writes', status: 'fail' };
  return { status: writable ? 200 : 503, body: { name: 'influxdb', ...found, checks: [], version: influxVersion } };
}

const createDatabase = /^\s*create\s+database\s+("(?:[^"\\]|\\.)+"|\S+)/i;

/**
 * `/query` of InfluxDB 1, as far as writers need it: `CREATE DATABASE`, which makes nothing, as any name is taken.
 * @throws RequestRefused 400
 */
export function answerQuery(text: string | null): Answer {
  if (text === null || text === '') throw new RequestRefused(400, 'no-query', 'missing required parameter "q"');
  if (createDatabase.test(text)) return { status: 200, body: { results: [{ statement_id: 0 }] } };
  throw new RequestRefused(
    400,
    'not-offered',
    'this is where readings come in: of queries only CREATE DATABASE is answered; read from InfluxDB itself, or from /api/v1 of the dashboard',
  );
}

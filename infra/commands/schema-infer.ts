import { decodeRecords } from '../../events/record-codec.ts';
import { streams } from '../../events/subjects.ts';
import type { Bus } from '../bus/connection.ts';
import { readRange } from '../bus/read-range.ts';
import { streamInfo } from '../bus/streams.ts';
import { MillraceError } from '../errors.ts';
import { emptyShape, observe } from '../schemas/observed-shape.ts';
import { proposeAvro, proposeJsonSchema } from '../schemas/propose-schema.ts';
import { filterProblem, isUnderFilter } from '../schemas/topic-filter.ts';
import { labelled } from '../terminal/labelled.ts';
import { attach } from './attach.ts';
import type { SchemaFlags } from './schema.ts';
import type { Terminal } from './terminal.ts';
import { UsageError } from './usage-error.ts';
import { loadOrExplain } from './validate.ts';

export interface InferFlags extends SchemaFlags {
  readonly format: string;
}

/** Of the latest messages of the log so many are looked through, for so many payloads. */
const messagesMax = 50_000;
const payloadsMax = 5_000;

/**
 * `millrace schema infer <topic>`: proposes a schema for the JSON that the log holds under a topic filter, on stdout;
 * what it is made of on stderr. Exit code 0, 1 when there is nothing to make one of.
 * @throws UsageError
 */
export async function inferSchema(terminal: Terminal, flags: InferFlags, filter: string): Promise<number> {
  const { format } = flags;
  if (format !== 'json-schema' && format !== 'avro')
    throw new UsageError(`--format must be json-schema or avro, is "${format}"`);
  const problem = filterProblem(filter);
  if (problem !== null) throw new UsageError(problem);
  const config = loadOrExplain(terminal, flags);
  if (config === null) return 1;
  const servers = await attach(config, 'schema');
  try {
    const { shape, payloads, others } = await observeLog(servers.bus, filter);
    if (payloads === 0)
      throw new MillraceError(
        'SCHEMA_REFUSED',
        others === 0
          ? `The latest ${messagesMax} messages of the log hold nothing under ${filter}.`
          : `None of the ${others} payloads under ${filter} is JSON: a schema of another format is written by whoever makes them.`,
      );
    const proposal = format === 'avro' ? proposeAvro(shape) : { schema: proposeJsonSchema(shape), leftOut: [] };
    terminal.out(JSON.stringify(proposal.schema, null, 2));
    const note = (text: string) => terminal.err(labelled(terminal.errStyle, 'note', text));
    note(`of ${payloads} payloads under ${filter}${others > 0 ? `; ${others} are no JSON` : ''}`);
    for (const text of proposal.leftOut) note(`left out: ${text}`);
    return 0;
  } finally {
    await servers[Symbol.asyncDispose]();
  }
}

async function observeLog(bus: Bus, filter: string) {
  const { firstSequence, lastSequence } = await streamInfo(bus, streams.log);
  const from = Math.max(firstSequence, lastSequence - messagesMax + 1);
  const shape = emptyShape();
  let payloads = 0;
  let others = 0;
  const { signal } = new AbortController();
  const range = { stream: streams.log, subject: 'log.>', from, until: lastSequence + 1, signal, onGap: () => {} };
  reading: for await (const { data } of readRange(bus, range))
    for (const record of decodeRecords(data)) {
      if (record.kind !== 'publish' || !isUnderFilter(filter, record.topic)) continue;
      const parsed = parsedJson(record.payload);
      if (parsed === undefined) others++;
      else {
        payloads++;
        observe(shape, parsed);
      }
      if (payloads + others >= payloadsMax) break reading;
    }
  return { shape, payloads, others };
}

function parsedJson(payload: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload)) as unknown;
  } catch {
    return undefined;
  }
}

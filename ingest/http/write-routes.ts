import type { Config } from '../../infra/config/schema.ts';
import { isLongerThan, topicBytesTaken, topicProblem } from '../topic-text.ts';
import { RequestRefused, type Answer, type Dialect } from './answer.ts';
import { influxTopic, precisionOf } from './influx-place.ts';
import { cutLines } from './line-pieces.ts';
import { ReadingTopics } from './reading-topics.ts';
import { readingsIn, type Publish } from './readings-body.ts';

/** A request that brings something for the log. */
export interface Writing {
  readonly query: URLSearchParams;
  readonly body: Buffer;
}

/** What a way in makes of a request, before anything of it is stored. Pure. */
export interface WriteRoute {
  readonly path: string;
  readonly dialect: Dialect;
  /**
   * Checked before the body is read.
   * @throws RequestRefused
   */
  check(query: URLSearchParams): void;
  /** @throws RequestRefused */
  publishes(writing: Writing): readonly Publish[];
  /** Once so many publishes are in the log. */
  stored(count: number): Answer;
}

/** Readings of one request; the log's readers know as many with an Idempotency-Key again. */
const readingsMax = 10_000;

export function writeRoutes({ topics, limits }: Pick<Config, 'topics' | 'limits'>): readonly WriteRoute[] {
  const readingTopics = new ReadingTopics(topics);
  const { payloadMax, depthMax, readingsPerPublishMax } = limits;
  const topicBytesMax = topicBytesTaken(limits.topicBytesMax);
  const pieceLimits = { bytesMax: payloadMax, linesMax: readingsPerPublishMax };

  const influx = (path: string, parameter: string, dialect: Dialect): WriteRoute => {
    const topicOf = (query: URLSearchParams) => {
      const bucket = query.get(parameter);
      if (bucket === null || bucket === '')
        throw new RequestRefused(
          400,
          'no-bucket',
          dialect === 'influx-1' ? 'database is required' : 'bucket is required',
        );
      return influxTopic(bucket, precisionOf(query.get('precision')), limits.topicBytesMax);
    };
    return {
      path,
      dialect,
      check: topicOf,
      publishes({ query, body }) {
        const topic = topicOf(query);
        const { pieces, candidates, firstOther, tooLong } = cutLines(body, pieceLimits);
        if (tooLong !== null)
          throw new RequestRefused(
            400,
            'too-large',
            `line ${tooLong.line} is ${tooLong.bytes} bytes long, at most ${payloadMax} are taken (limits.payloadMax)`,
          );
        // Lines that turn out to be wrong later are quarantined; a body without a single point is another thing.
        if (candidates === 0) {
          if (firstOther === null) return [];
          throw new RequestRefused(400, 'no-points', `unable to parse '${firstOther}': missing fields`);
        }
        return pieces.map((payload) => ({ topic, payload }));
      },
      stored: () => ({ status: 204 }),
    };
  };

  return [
    {
      path: '/api/v1/readings',
      dialect: 'millrace',
      check(query) {
        const topic = query.get('topic');
        if (topic === null) return;
        const problem = topicProblem(topic);
        if (problem !== null)
          throw new RequestRefused(
            400,
            problem,
            `topic ${JSON.stringify(topic)} cannot be published to: it is empty, has a wildcard, NUL or text that is no UTF-8, or is $SYS.`,
          );
        if (isLongerThan(topic, topicBytesMax))
          throw new RequestRefused(400, 'too-large', `topic is longer than ${topicBytesMax} bytes.`);
      },
      publishes({ query, body }) {
        const topic = query.get('topic');
        if (topic === null) return readingsIn(body, readingTopics, { payloadMax, depthMax, readingsMax });
        if (body.length > payloadMax)
          throw new RequestRefused(
            413,
            'too-large',
            `The payload is ${body.length} bytes, at most ${payloadMax} are taken (limits.payloadMax).`,
          );
        return [{ topic, payload: body }];
      },
      stored: (count) => ({ status: 200, body: { stored: count } }),
    },
    influx('/write', 'db', 'influx-1'),
    influx('/api/v2/write', 'bucket', 'influx-2'),
  ];
}

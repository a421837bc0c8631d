import { RequestRefused } from './answer.ts';

/** Unit of the timestamps in a body of line protocol. */
export type Precision = 'ns' | 'us' | 'ms' | 's' | 'm' | 'h';

/** As InfluxDB 1 (`n u ms s m h`) and 2 (`ns us ms s`) write it. */
const precisions: Readonly<Record<string, Precision>> = {
  '': 'ns',
  n: 'ns',
  ns: 'ns',
  u: 'us',
  us: 'us',
  µ: 'us',
  ms: 'ms',
  s: 's',
  m: 'm',
  h: 'h',
};

/** @throws RequestRefused 400 */
export function precisionOf(text: string | null): Precision {
  const name = text ?? '';
  if (Object.hasOwn(precisions, name)) return precisions[name]!;
  throw new RequestRefused(400, 'bad-precision', `precision ${JSON.stringify(name)} is none of ns, us, ms, s, m, h`);
}

/** What may not stand in a level of a topic, and what says that it was encoded. */
// oxlint-disable-next-line no-control-regex -- control characters are what it looks for
const forbidden = /[\u0000-\u001f\u007f-\u009f%/+#\ufffd]/g;

/**
 * The topic of a body: `influx/{bucket}`, and the precision as a third level where it is not ns. What may not stand in a
 * level of a topic is percent-encoded.
 * @throws RequestRefused 400 when the bucket is empty or makes the topic longer than `topicBytesMax`
 */
export function influxTopic(bucket: string, precision: Precision, topicBytesMax: number): string {
  if (bucket === '') throw new RequestRefused(400, 'no-bucket', 'the name of the database or bucket is empty');
  const level = bucket.toWellFormed().replaceAll(forbidden, (character) => encodeURIComponent(character));
  const topic = precision === 'ns' ? `influx/${level}` : `influx/${level}/${precision}`;
  if (Buffer.byteLength(topic) > topicBytesMax)
    throw new RequestRefused(
      400,
      'no-bucket',
      `the name of the database or bucket is longer than ${topicBytesMax} bytes`,
    );
  return topic;
}

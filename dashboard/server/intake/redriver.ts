import type { QuarantineItem, RedriveReport } from '../../../events/api-intake.ts';
import { decodeRecords } from '../../../events/record-codec.ts';
import { publishIn, type LogRecord, type PublishRecord } from '../../../events/record.ts';
import type { DecodeAnswer, DecodeQuery, RedriveAnswer, RedriveRequest } from '../../../events/redrive.ts';
import { streams, subjects } from '../../../events/subjects.ts';
import type { Bus } from '../../../infra/bus/connection.ts';
import { requestCore } from '../../../infra/bus/core.ts';
import { messageAt } from '../../../infra/bus/stream-message.ts';

/** Ingest answers when the log has all of a request. */
const redriveWithinMs = 20_000;
const decodeWithinMs = 5_000;
/** Base64 characters of the payloads asked about at once; a message holds 1 MiB. */
const decodeCharsMax = 256 * 1024;

/** Reads quarantined publishes from the log, asks what they would become, and has them appended again. */
export class Redriver {
  readonly #bus: Bus;
  readonly #clockUs: () => number;

  constructor(bus: Bus, clockUs: () => number) {
    this.#bus = bus;
    this.#clockUs = clockUs;
  }

  /** The items' publishes; null where the log no longer holds one. */
  async publishes(items: readonly QuarantineItem[]): Promise<(PublishRecord | null)[]> {
    const found: (PublishRecord | null)[] = [];
    let read = { sequence: 0, records: [] as readonly LogRecord[] };
    for (const { origin } of items) {
      if (read.sequence !== origin.sequence) {
        const message = await messageAt(this.#bus, streams.log, origin.sequence);
        read = { sequence: origin.sequence, records: message === null ? [] : decodeRecords(message.data) };
      }
      found.push(publishIn(read.records[origin.index]));
    }
    return found;
  }

  /** @throws LOG_UNAVAILABLE when no processor answers */
  async verdicts(wanted: readonly (readonly [QuarantineItem, PublishRecord])[]): Promise<DecodeAnswer> {
    const publishes = wanted.map(([{ several, origin, redriven }, record]) => ({
      topic: record.topic,
      payload: Buffer.from(record.payload).toString('base64'),
      receivedAtUs: record.receivedAtUs,
      part: several ? (origin.part ?? 0) : (redriven?.part ?? null),
    }));
    const answers: DecodeAnswer[] = [];
    for (let from = 0; from < publishes.length || answers.length === 0;) {
      let chars = 0;
      let until = from;
      while (until < publishes.length && (until === from || chars < decodeCharsMax))
        chars += publishes[until++]!.payload.length;
      const query: DecodeQuery = { nowUs: this.#clockUs(), publishes: publishes.slice(from, until) };
      const data = await requestCore(this.#bus, subjects.queryDecode, JSON.stringify(query), decodeWithinMs);
      answers.push(JSON.parse(Buffer.from(data).toString()) as DecodeAnswer);
      from = until;
    }
    return { version: answers.at(-1)!.version, publishes: answers.flatMap((answer) => answer.publishes) };
  }

  /** What would become of them. */
  async dryRun(items: readonly QuarantineItem[]): Promise<Pick<RedriveReport, 'appended' | 'gone' | 'would'>> {
    const publishes = await this.publishes(items);
    const held = items.flatMap((item, i) => (publishes[i] === null ? [] : [[item, publishes[i]!] as const]));
    const { publishes: verdicts } = await this.verdicts(held);
    const refused: Record<string, number> = {};
    let [readings, filtered] = [0, 0];
    for (const verdict of verdicts.flat()) {
      if (verdict.kind === 'reading') readings++;
      else if (verdict.kind === 'filtered') filtered++;
      else if (verdict.kind === 'refused') refused[verdict.reason] = (refused[verdict.reason] ?? 0) + 1;
    }
    return { appended: 0, gone: items.length - held.length, would: { readings, refused, filtered } };
  }

  /** @throws LOG_UNAVAILABLE when ingest does not answer: some may have been appended */
  async redrive(items: readonly QuarantineItem[]): Promise<Pick<RedriveReport, 'appended' | 'gone' | 'would'>> {
    if (items.length === 0) return { appended: 0, gone: 0, would: null };
    const targets = items.map(({ origin, several, by }) => ({ origin, several: several === true, by }));
    const request: RedriveRequest = { targets };
    const data = await requestCore(this.#bus, subjects.redrive, JSON.stringify(request), redriveWithinMs);
    const { results } = JSON.parse(Buffer.from(data).toString()) as RedriveAnswer;
    const appended = results.filter((result) => result === 'appended').length;
    return { appended, gone: results.length - appended, would: null };
  }
}

import { streams } from '../../events/subjects.ts';
import type { WindowResult } from '../../events/window.ts';
import type { Bus } from '../../infra/bus/connection.ts';
import { readRange } from '../../infra/bus/read-range.ts';
import type { StreamMessage } from '../../infra/bus/stream-message.ts';
import { streamInfo } from '../../infra/bus/streams.ts';
import { enrichedTags } from '../../infra/config/enriched-tags.ts';
import type { ProcessingConfig } from '../../infra/config/schema.ts';
import type { LineNames } from '../storage/line-protocol.ts';
import { seriesNames } from '../storage/series-names.ts';
import type { LaneReader, Replayed } from './lane-reader.ts';
import type { ReplayCounts } from './replay-figures.ts';
import type { ReplayWriter } from './replay-writer.ts';
import { RevisableWindows } from './revisable-windows.ts';
import { UnknownPast } from './unknown-past.ts';
import { restoreWindows, UnreadWindows } from './unread-windows.ts';

export interface LaneReplay {
  readonly bus: Bus;
  readonly reader: LaneReader;
  /** Its place in the counts. */
  readonly lane: number;
  /** The first message to read, for the state alone before `from`. */
  readonly begin: number;
  /** First message that counts, and the first that does not. */
  readonly from: number;
  readonly until: number;
  readonly counts: ReplayCounts;
  readonly writer: ReplayWriter | null;
  readonly signal: AbortSignal;
  readonly onNote: (text: string) => void;
}

/** Reading on for so many messages is worth a line. */
const noteFrom = 100_000;
/** While it reads on for revisions it looks so often whether any can still come, messages. */
const lookEvery = 1_000;

/** Reads a stretch of the log through a lane's core; then on, for what the windows that it wrote have come to since. */
export class ReplayLane {
  readonly #options: LaneReplay;
  readonly #past = new UnknownPast();
  #revisable = new RevisableWindows();
  readonly #unread = new UnreadWindows();
  #names: LineNames | null = null;
  #namesOf: ProcessingConfig | null = null;
  /** Messages were removed before the next one. */
  #removed = false;

  constructor(options: LaneReplay) {
    this.#options = options;
  }

  async run(): Promise<void> {
    const { lane, begin, until, counts, writer, signal } = this.#options;
    for await (const message of this.#read(begin, until)) {
      counts.counts.messages++;
      counts.done[lane] = Math.min(1, Math.max(0, (message.sequence - begin) / Math.max(1, until - begin)));
      await this.#take(message);
    }
    counts.done[lane] = 1;
    if (writer !== null) {
      await writer.drained(signal);
      await this.#readOn(writer);
      if (this.#unread.any || this.#past.withheld > 0) await this.#restore(writer);
    }
    this.#tell();
  }

  /**
   * What was written is what was so at the stretch's end. A message behind it may have revised it, and the pipeline may
   * have stored that before it was overwritten here; so it is read on, until nothing came of what was behind the last
   * write.
   */
  async #readOn(writer: ReplayWriter): Promise<void> {
    const { bus, reader, signal, onNote } = this.#options;
    let end = this.#options.until;
    for (let wrote = true; wrote;) {
      const next = (await streamInfo(bus, streams.log, signal)).lastSequence + 1;
      if (next <= end || this.#revisable.isEmpty(0)) return;
      if (next - end > noteFrom)
        onNote(`${reader.title}: reading on to message ${next - 1} for revisions of the windows that were written.`);
      let read = 0;
      wrote = false;
      for await (const message of this.#read(end, next)) {
        wrote = (await this.#revise(message, writer)) || wrote;
        if (++read % lookEvery === 0 && this.#revisable.isEmpty(message.timeUs)) break;
      }
      await writer.drained(signal);
      end = next;
    }
  }

  #read(from: number, until: number): AsyncIterable<StreamMessage> {
    const { bus, reader, counts, signal, onNote } = this.#options;
    return readRange(bus, {
      stream: streams.log,
      subject: reader.subject,
      from,
      until,
      signal,
      onGap: (gapFrom, gapTo) => {
        // Without state there is nothing that goes on behind it: its reader says what is missing before its first.
        if (reader.position === 0) return;
        counts.counts.gaps++;
        this.#lose(gapFrom);
        reader.gap(gapFrom, gapTo);
        onNote(`${reader.title}: log messages ${gapFrom} to ${gapTo} are no longer in the log.`);
      },
    });
  }

  async #take(message: StreamMessage): Promise<void> {
    const { reader, from, counts, writer, signal } = this.#options;
    const given = await this.#step(message);
    // Before the stretch the state only catches up with it.
    if (given === null || message.sequence < from) return;
    const config = reader.config!;
    const windows = [...this.#past.windows(given.windows, config)];
    const derived = [...this.#past.derived(given.derived, config)];
    const step = { ...given, windows, derived };
    counts.counts.withheld += given.windows.length - windows.length + given.derived.length - derived.length;
    counts.take(step);
    if (writer === null) return;
    for (const result of windows) this.#revisable.note(result, config);
    await writer.add(step, message.data.length, this.#lineNames(), signal);
  }

  /** @returns whether it revised what was written. */
  async #revise(message: StreamMessage, writer: ReplayWriter): Promise<boolean> {
    const { reader, counts, signal } = this.#options;
    const step = await this.#step(message);
    const config = reader.config!;
    const written = step?.windows.filter((result) => this.#revisable.has(result)) ?? [];
    const windows = [...this.#past.windows(written, config)];
    if (step === null || windows.length === 0) return false;
    counts.counts.revised += windows.length;
    for (const result of windows) this.#revisable.note(result, config);
    await writer.add({ ...step, readings: [], derived: [], windows }, 0, this.#lineNames(), signal);
    return true;
  }

  /** What the message gives; what is missing before it is noted. */
  async #step(message: StreamMessage): Promise<Replayed | null> {
    const { reader, counts, onNote } = this.#options;
    const { position } = reader;
    const { step, missing, pastMissing, rebuiltInPart } = await reader.take(message);
    if (pastMissing)
      onNote(`${reader.title}: before message ${message.sequence} there were others that are no longer in the log.`);
    else if (missing > 0 && (await this.#isTrimmed(position + 1))) this.#lose(position + 1);
    if (pastMissing || missing > 0) counts.counts.gaps++;
    if (pastMissing || this.#removed) this.#past.missing(message.timeUs, reader.config!);
    if (rebuiltInPart) this.#past.rebuiltInPart();
    this.#removed = false;
    return step;
  }

  /** Batches that are missing may have come, and have been trimmed from under the replay. */
  async #isTrimmed(sequence: number): Promise<boolean> {
    const { bus, signal } = this.#options;
    return (await streamInfo(bus, streams.log, signal)).firstSequence > sequence;
  }

  /** Messages were removed before they were read. What they made of the windows that were written is not known here. */
  #lose(from: number): void {
    this.#removed = true;
    if (!this.#revisable.isEmpty(0)) this.#unread.add(from, this.#revisable);
    this.#revisable = new RevisableWindows();
  }

  /** What the log no longer tells of is taken from WINDOWS. */
  async #restore(writer: ReplayWriter): Promise<void> {
    const { bus, reader, from, until, counts, signal } = this.#options;
    const config = reader.config!;
    const nothing = { readings: [], duplicates: [], quarantined: [], late: [], transitions: [], derived: [] };
    const isWanted = (result: WindowResult) => {
      const { sequence } = result.origin;
      if (this.#unread.has(result)) return true;
      if (sequence < from || this.#past.knows(result, config)) return false;
      // Revisions of a stretch's windows come behind it; count windows have none, and new ones come for ever.
      return sequence < until || result.revision > 0;
    };
    await restoreWindows(bus, reader.results, signal, isWanted, async (windows, nowUs) => {
      counts.counts.restored += windows.length;
      await writer.add({ ...nothing, nowUs, windows: [...windows] }, 0, this.#lineNames(), signal);
    });
    await writer.drained(signal);
  }

  #lineNames(): LineNames {
    const config = this.#options.reader.config!;
    if (this.#names === null || this.#namesOf !== config) {
      this.#names = seriesNames(config.topics, enrichedTags(config.transforms));
      this.#namesOf = config;
    }
    return this.#names;
  }

  #tell(): void {
    const { reader, onNote } = this.#options;
    const { withheld, untilUs } = this.#past;
    if (withheld > 0 && untilUs !== null)
      onNote(
        `${reader.title}: ${withheld} results may depend on messages no longer in the log: windows from before ${new Date(untilUs / 1000).toISOString()}, and count windows. What is stored of them stays, or is what the stream WINDOWS still has.`,
      );
    const thinned =
      untilUs === null ? [] : (reader.config?.transforms ?? []).filter((one) => one.deadband !== undefined);
    for (const { name } of thinned)
      onNote(`${reader.title}: transform ${name} begins without the last values it kept, so it may keep others.`);
  }
}

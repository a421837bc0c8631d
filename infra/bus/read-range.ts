import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Bus } from './connection.ts';
import type { StreamMessage } from './stream-message.ts';
import { lastMessage } from './stream-message.ts';
import { streamInfo } from './streams.ts';
import { readStream, type ReadOptions } from './stream-reader.ts';

/** Messages that are there already are taken without a pause; others get their turn so often. */
const turnMaxMs = 10;

export interface RangeOptions extends Omit<ReadOptions, 'after'> {
  /** Sequence of the first message wanted, and of the first that is not. */
  readonly from: number;
  readonly until: number;
}

/** Reads the messages of a subject in [from, until) that the stream holds, and ends. Those trimmed are told as a gap. */
export async function* readRange(bus: Bus, options: RangeOptions): AsyncGenerator<StreamMessage, void, void> {
  const { from, until, onGap, ...rest } = options;
  const bounded = (gapFrom: number, gapTo: number) => onGap(gapFrom, Math.min(gapTo, until - 1));
  const last = await lastMessage(bus, options.stream, options.subject, options.signal);
  if (last === null || last.sequence < from) return;
  const end = new AbortController();
  const signal = AbortSignal.any([options.signal, end.signal]);
  const { firstSequence } = await streamInfo(bus, options.stream, options.signal);
  // A reader at 0 takes what comes first for the beginning, so what is missing is told here.
  const after = Math.max(from, firstSequence) - 1;
  if (after >= from) bounded(from, after);
  let turnBeganMs = performance.now();
  for await (const message of readStream(bus, { ...rest, after, signal, onGap: bounded })) {
    if (message.sequence >= until) break;
    yield message;
    if (message.sequence >= last.sequence || message.sequence === until - 1) break;
    if (performance.now() - turnBeganMs < turnMaxMs) continue;
    await nextTurn();
    turnBeganMs = performance.now();
  }
  end.abort();
  options.signal.throwIfAborted();
}

import type { Bus } from './connection.ts';
import { apiErrorOf, apiErrors } from './jetstream-errors.ts';
import { untilAnswered } from './retry.ts';
import { microseconds } from './server-time.ts';
import type { StreamExtent } from './streams.ts';

/**
 * The first sequence whose message is not older than `sinceUs`, by bisection; last + 1 when all are older. For streams
 * without holes, such as LOG; a message that is missing counts as older.
 */
export async function firstSince(
  bus: Bus,
  stream: string,
  extent: Pick<StreamExtent, 'firstSequence' | 'lastSequence'>,
  sinceUs: number,
  signal?: AbortSignal,
): Promise<number> {
  let older = extent.firstSequence - 1;
  let younger = extent.lastSequence + 1;
  while (younger - older > 1) {
    const middle = Math.floor((older + younger) / 2);
    const timeUs = await timeOf(bus, stream, middle, signal);
    if (timeUs === null || timeUs < sinceUs) older = middle;
    else younger = middle;
  }
  return younger;
}

function timeOf(bus: Bus, stream: string, sequence: number, signal?: AbortSignal): Promise<number | null> {
  return untilAnswered(
    bus,
    `Message ${sequence} of ${stream} cannot be read`,
    async () => {
      try {
        return microseconds((await bus.manager.streams.getMessage(stream, { seq: sequence })).timestamp);
      } catch (error) {
        if (apiErrorOf(error) === apiErrors.messageNotFound) return null;
        throw error;
      }
    },
    signal,
  );
}

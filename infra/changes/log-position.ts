import { streams } from '../../events/subjects.ts';
import type { Bus } from '../bus/connection.ts';
import { firstSince } from '../bus/first-since.ts';
import { streamInfo } from '../bus/streams.ts';
import { MillraceError } from '../errors.ts';
import { UsageError } from '../commands/usage-error.ts';

/**
 * The sequence of the log's message that a flag names: `beginning`, a position such as 12345, or a time such as
 * 2026-07-01T10:00:00Z (the first message at or after it).
 * @throws UsageError when it is none of them, CHANGE_REFUSED when the log no longer reaches it
 */
export async function logPosition(bus: Bus, flag: string, text: string): Promise<number> {
  const extent = await streamInfo(bus, streams.log);
  const { firstSequence, firstTimeUs } = extent;
  if (text === 'beginning') return firstSequence;
  const gone = (what: string) =>
    new MillraceError(
      'CHANGE_REFUSED',
      `${flag} ${text}: the log begins with message ${firstSequence} of ${new Date(firstTimeUs / 1000).toISOString()}, ${what} is no longer in it.`,
    );
  if (/^\d+$/.test(text)) {
    const position = Number(text);
    if (position < firstSequence) throw gone('that message');
    return position;
  }
  const timeMs = Date.parse(text);
  if (Number.isNaN(timeMs))
    throw new UsageError(`${flag} must be a position, a time such as 2026-07-01T10:00:00Z, or beginning; is "${text}"`);
  // A log that was never trimmed has nothing before its first message.
  if (timeMs * 1000 < firstTimeUs && firstSequence > 1) throw gone('that time');
  return firstSince(bus, streams.log, extent, timeMs * 1000);
}

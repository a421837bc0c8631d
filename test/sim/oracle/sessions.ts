import type { Moment } from './log-time.ts';
import type { Fate } from './readings.ts';
import { msToUs, takenOf, type Outcome, type Story } from './story.ts';
import { resultsIn, touchesGap, type ExpectedWindow } from './window-results.ts';

interface Session {
  readonly readings: readonly Fate[];
  readonly isOpen: boolean;
  /** Late readings may still change it. */
  readonly isHeld: boolean;
  /** It is closed, and a late reading has changed it in this message. */
  readonly isChanged: boolean;
  /** It was open when messages were missing. */
  readonly isHit: boolean;
  /** Places that results were given under. */
  readonly told: readonly Pick<ExpectedWindow, 'startUs' | 'endUs'>[];
}

/**
 * Readings less than `gap` apart (docs/windows.md). A session ends when the watermark reaches its last reading + gap, or by
 * silence. A late reading within `retain` reopens it; of sessions that it joins the earlier one is revised to the whole,
 * and the other to count 0.
 */
export function sessionsOf(story: Story): Outcome {
  const { moments, readingsAt, forgotten, clockUs } = story;
  let window = story.windowAt(moments[0]!);
  const gapUs = msToUs(window.gap!);
  const expected: ExpectedWindow[] = [];
  const late: Fate[] = [];
  let sessions: Session[] = [];
  let seenUs = 0;
  let nowUs = 0;
  let greatestUs = 0;
  let forgottenAt = 0;
  /** End of the last session that was let go: whatever `retain` is now, none begins that is over by then. */
  let settledUs = 0;

  const startOf = ({ readings }: Session) => Math.min(...readings.map(({ timeUs }) => timeUs));
  const endOf = ({ readings }: Session) => Math.max(...readings.map(({ timeUs }) => timeUs)) + gapUs;
  const watermarkUs = () => (story.isFleet ? nowUs : greatestUs) - msToUs(window.lateness);
  /** Results before which a session of this start was let go: what follows knows nothing of it. */
  const letGoAt = new Map<number, number>();
  const letGo = (session: Session) => {
    for (const { startUs } of session.told) letGoAt.set(startUs, expected.length);
    settledUs = Math.max(settledUs, endOf(session));
  };
  const before = (startUs: number, field: string) =>
    expected
      .slice(Math.max(forgottenAt, letGoAt.get(startUs) ?? 0))
      .filter((one) => one.startUs === startUs && one.field === field && one.count > 0).length;

  const tell = (session: Session, at: Moment, index: number): Session => {
    const [startUs, endUs] = [startOf(session), endOf(session)];
    const origin = { sequence: at.sequence, index };
    for (const old of session.told.filter((one) => one.startUs !== startUs)) {
      const fields = new Set(
        expected
          .slice(forgottenAt)
          .filter((one) => one.startUs === old.startUs)
          .map(({ field }) => field),
      );
      for (const field of fields) {
        const incomplete = touchesGap(story.gapsAt(at), at, old.startUs, old.endUs) || undefined;
        const of = { window: window.name, key: story.key, field, ...old, incomplete, origin };
        expected.push({ ...of, revision: before(old.startUs, field), ...nothing });
      }
    }
    const revisionOf = (field: string) => before(startUs, field);
    expected.push(
      ...resultsIn(story, { startUs, endUs, within: session.readings, at, index, revisionOf, isHit: session.isHit }),
    );
    return { ...session, isOpen: false, isChanged: false, told: [{ startUs, endUs }] };
  };
  const isWithinRetain = (session: Session) => endOf(session) + msToUs(window.retain) > watermarkUs();
  const close = (isOver: (endUs: number) => boolean, at: Moment, index: number) => {
    sessions = sessions.map((session) =>
      session.isOpen && isOver(endOf(session)) ? tell(session, at, index) : session,
    );
    sessions = sessions.map((session) => {
      const isHeld = session.isOpen || isWithinRetain(session);
      // One that this message has changed is told at its end.
      if (session.isHeld && !isHeld && !session.isChanged) letGo(session);
      return { ...session, isHeld };
    });
  };

  for (const at of moments) {
    if (at.gap !== null) sessions = sessions.map((session) => ({ ...session, isHit: session.isHit || session.isOpen }));
    window = story.windowAt(at);
    nowUs = clockUs(at);
    if (story.isFleet) close((endUs) => endUs <= watermarkUs(), at, -1);
    else if (at.elapsedUs - seenUs >= msToUs(window.idle)) close((endUs) => endUs <= nowUs, at, -1);
    if (forgotten.has(at)) {
      close(() => true, at, -1);
      [sessions, seenUs, greatestUs, forgottenAt, settledUs] = [[], 0, 0, expected.length, 0];
    }
    for (const reading of readingsAt.get(at) ?? []) {
      seenUs = at.elapsedUs;
      // Kept under less lateness or retain one may be over, or let go, already.
      close((endUs) => endUs <= watermarkUs(), at, reading.index);
      const { timeUs } = reading;
      const part = takenOf(window, reading);
      if (part !== null) {
        const joined = sessions
          .filter((session) => session.isHeld && timeUs > startOf(session) - gapUs && timeUs < endOf(session))
          .toSorted((a, b) => startOf(a) - startOf(b));
        const whole: Session = {
          readings: [...joined.flatMap(({ readings }) => readings), part],
          isOpen: true,
          isHeld: true,
          isChanged: false,
          isHit: joined.some(({ isHit }) => isHit),
          told: joined.flatMap(({ told }) => told),
        };
        const wasClosed = joined.some(({ isOpen }) => !isOpen);
        const isOver = endOf(whole) <= watermarkUs();
        if (isOver || wasClosed) late.push(reading);
        if (!isOver || wasClosed || (isWithinRetain(whole) && endOf(whole) > settledUs))
          sessions = [
            ...sessions.filter((session) => !joined.includes(session)),
            { ...whole, isOpen: !isOver, isChanged: isOver },
          ];
      }
      greatestUs = Math.max(greatestUs, timeUs);
      close((endUs) => endUs <= watermarkUs(), at, reading.index);
    }
    // What a message changed is told at its end, also when it is no longer held by then.
    const changed = sessions.filter(({ isChanged }) => isChanged).map((session) => tell(session, at, -1));
    for (const session of changed) if (!session.isHeld) letGo(session);
    sessions = [...sessions.filter(({ isChanged }) => !isChanged), ...changed];
    sessions = sessions.filter(({ isHeld }) => isHeld);
  }
  return { expected, late };
}

const nothing = { count: 0, min: null, max: null, mean: null, sum: null, first: null, last: null, stddev: null };

import { subjects } from '../../events/subjects.ts';
import type { Bus } from '../bus/connection.ts';
import { requestCore } from '../bus/core.ts';
import { MillraceError } from '../errors.ts';

/** A lease moves within 10 s; whoever waits for longer is told. */
const answerWithinMs = 5_000;

export interface InForceAnswer {
  /** The configuration version that holds the schemas; null when they could not be put in force. */
  readonly version: number | null;
  /** Why not, as a sentence; empty when they could. */
  readonly problem: string;
}

/** Asks the processors to put what is registered in force, and waits. @throws LOG_UNAVAILABLE when it is not by now */
export async function askInForce(bus: Bus): Promise<void> {
  const notYet = (why: string, cause?: unknown) =>
    new MillraceError('LOG_UNAVAILABLE', `It is registered, but not in force yet: ${why}. Ask again.`, { cause });
  const data = await requestCore(bus, subjects.commandSchemas, '', answerWithinMs).catch((cause: unknown) => {
    throw notYet('no processors answer', cause);
  });
  const { problem } = JSON.parse(Buffer.from(data).toString()) as InForceAnswer;
  if (problem !== '') throw notYet(problem);
}

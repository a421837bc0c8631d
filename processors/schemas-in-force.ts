import { subjects } from '../events/subjects.ts';
import { configsInForce } from '../infra/bus/config-versions.ts';
import type { Bus } from '../infra/bus/connection.ts';
import { serveRequests } from '../infra/bus/core.ts';
import type { Log } from '../infra/log.ts';
import { putSchemasInForce } from '../infra/schemas/in-force.ts';
import type { InForceAnswer } from '../infra/schemas/in-force-request.ts';
import { storeOf } from '../infra/schemas/texts.ts';
import { restartOnFailure } from './restart-on-failure.ts';

/**
 * Puts what is registered in force: when the registry asks for it, when it has changed without that, and when a
 * configuration was put in force by somebody who did not know of it yet. Until the signal.
 */
export async function keepSchemasInForce(
  { bus, partitions, log }: { readonly bus: Bus; readonly partitions: number; readonly log: Log },
  signal: AbortSignal,
): Promise<void> {
  const publish = conflated(() => putSchemasInForce(bus, partitions));
  const answer = async (): Promise<InForceAnswer> => {
    try {
      return { version: await publish(), problem: '' };
    } catch (error) {
      return { version: null, problem: error instanceof Error ? error.message : String(error) };
    }
  };
  const unserve = serveRequests(
    bus,
    subjects.commandSchemas,
    async () => Buffer.from(JSON.stringify(await answer())),
    (err) => log.warn({ err }, 'a request to put schemas in force failed'),
  );
  const follow = async (within: AbortSignal) => {
    const store = await storeOf(bus);
    const publishAtEach = async (changes: AsyncGenerator) => {
      // What exactly changed does not matter: what is there now is put in force.
      while (!(await changes.next()).done) await publish();
    };
    await Promise.all([publishAtEach(store.changes(within)), publishAtEach(configsInForce(bus, within))]);
  };
  await restartOnFailure(follow, signal, (why, err) => {
    if (why !== '') log.warn({ err }, 'schemas cannot be put in force; trying again');
  });
  unserve();
}

/** One run at a time; who asks during one shares the next, which begins after it: it sees all that was there when they asked. */
export function conflated<Answer>(run: () => Promise<Answer>): () => Promise<Answer> {
  let running: Promise<unknown> | null = null;
  let next: Promise<Answer> | null = null;
  const begin = (): Promise<Answer> => {
    const started = run().finally(() => {
      if (running === started) running = null;
    });
    running = started;
    return started;
  };
  return () => {
    if (running === null && next === null) return begin();
    next ??= running!
      .catch(() => undefined)
      .then(() => {
        next = null;
        return begin();
      });
    return next;
  };
}

import { brokerObjects, buckets } from '../../events/subjects.ts';
import { createCheckpoints } from '../../infra/bus/checkpoints.ts';
import type { Bus } from '../../infra/bus/connection.ts';
import { MillraceError } from '../../infra/errors.ts';
import type { Log } from '../../infra/log.ts';
import type { BoundedPersistence } from '../bounded-persistence.ts';
import type { CommandBook } from '../commands/command-book.ts';
import { restoreBroker } from './restore.ts';
import { SessionRecords } from './session-records.ts';
import { SettledPosition } from './settled-position.ts';
import { decodeSnapshot, type BrokerSnapshot } from './snapshot-codec.ts';
import { SnapshotWriter } from './snapshot-writer.ts';

export interface DurableOptions {
  readonly bus: Bus;
  /** Names the process over its restarts. */
  readonly slot: string;
  readonly log: Log;
  readonly persistence: BoundedPersistence;
  readonly commands: CommandBook;
}

/** What keeps the broker's memory over restarts. */
export interface DurableBroker {
  readonly settled: SettledPosition;
  /** Writes the last snapshot, if the log's server answers within so many ms. */
  close(timeoutMs: number): Promise<void>;
}

/** Brings back what the broker held and keeps it from now on. Resolves when clients may be served. @throws LOG_UNAVAILABLE */
export async function openDurable({ bus, slot, log, persistence, commands }: DurableOptions): Promise<DurableBroker> {
  const { sessions, retained } = persistence;
  const { records, found } = await SessionRecords.open(bus, slot, (id) => sessions.kept(id));
  const checkpoints = await createCheckpoints(bus, { bucket: buckets.broker, objects: brokerObjects });
  const bytes = await checkpoints.load(slot);
  const snapshot = bytes === null ? null : readable(bytes, log);
  const position = await restoreBroker({ bus, log, persistence, commands, sessions: found, snapshot });
  const settled = new SettledPosition(position);
  persistence.keepSessions({
    position: () => settled.latest,
    save: (id, isChanged) => records.save(id, isChanged),
    ended: (id) =>
      void records.save(id, true).catch((err: unknown) => log.error({ err }, 'an ended session cannot be removed')),
  });
  const source = {
    changes: () => persistence.changes + commands.changes,
    take: (): BrokerSnapshot => ({
      position: settled.position,
      retained: [...retained.values()],
      queues: sessions.queues(),
      connected: sessions.present(),
      commands: commands.all(),
    }),
  };
  const writer = new SnapshotWriter(checkpoints, slot, source, log);
  // From here on the part of the log that a start reads is bounded.
  if (snapshot === null) await writer.write();
  void checkpoints.sweep().catch((err: unknown) => log.warn({ err }, 'remains of old snapshots cannot be removed'));
  return {
    settled,
    async close(timeoutMs) {
      writer.stop();
      const last = writer.write().catch((err: unknown) => log.warn({ err }, 'the last snapshot was not written'));
      const { promise: late, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, timeoutMs);
      await Promise.race([last, late]);
      clearTimeout(timer);
    },
  };
}

/** Without it the log's last part has to do, which is better than no ingest. */
function readable(bytes: Uint8Array, log: Log): BrokerSnapshot | null {
  try {
    return decodeSnapshot(bytes);
  } catch (err) {
    if (!(err instanceof MillraceError)) throw err;
    log.error({ err }, 'the last part of the log is read in its place');
    return null;
  }
}

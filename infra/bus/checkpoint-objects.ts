import { DiscardPolicy, RetentionPolicy, StorageType, type ObjectStore } from 'nats';
import type { Bus } from './connection.ts';
import { apiErrorOf, apiErrors, isTransient, unavailable } from './jetstream-errors.ts';
import { getObject } from './get-object.ts';
import { metaSubject, putObject } from './put-object.ts';
import { pause, retryDelayMs, untilAnswered } from './retry.ts';
import { lastMessage } from './stream-message.ts';

/** The object store of checkpoints larger than a message. An object is written once, under a name of its own. */
export interface CheckpointObjects {
  put(name: string, bytes: Uint8Array): Promise<void>;
  get(name: string): Promise<Uint8Array | null>;
  /** Removes it without a trace: deletions of the object store leave a marker each, for ever. */
  remove(name: string): Promise<void>;
  list(): Promise<readonly { readonly name: string; readonly modifiedAtMs: number }[]>;
  /** Removes what interrupted puts have left: chunks of no object, if written before then. @returns of how many puts. */
  removeUnfinished(beforeMs: number): Promise<number>;
}

/** Creates an object store if it is missing. */
export async function ensureObjects(bus: Bus, name: string, replicas: number): Promise<void> {
  await untilAnswered(bus, `Object store ${name} cannot be created`, () =>
    bus.manager.streams
      .add({
        name: `OBJ_${name}`,
        subjects: [`$O.${name}.C.>`, `$O.${name}.M.>`],
        storage: StorageType.File,
        retention: RetentionPolicy.Limits,
        discard: DiscardPolicy.New,
        allow_rollup_hdrs: true,
        allow_direct: false,
        num_replicas: replicas,
      })
      .catch((error: unknown) => {
        if (apiErrorOf(error) !== apiErrors.streamNameInUse) throw error;
      }),
  );
}

export async function openCheckpointObjects(bus: Bus, storeName: string): Promise<CheckpointObjects> {
  const store = await untilAnswered(bus, `Object store ${storeName} cannot be opened`, () =>
    bus.jetstream.views.os(storeName),
  );
  return {
    async put(name, bytes) {
      await again(bus, `Checkpoint ${name} cannot be stored`, () => putObject(bus, storeName, name, bytes));
    },
    get: (name) => again(bus, `Checkpoint ${name} cannot be read`, () => getObject(bus, storeName, name)),
    remove: (name) => again(bus, `Checkpoint ${name} cannot be removed`, () => remove(bus, store, storeName, name)),
    async list() {
      const found = await again(bus, 'Checkpoints cannot be listed', () => store.list());
      return found
        .filter((info) => !info.deleted)
        .map((info) => ({ name: info.name, modifiedAtMs: Date.parse(info.mtime) }));
    },
    removeUnfinished: (beforeMs) =>
      again(bus, 'Unfinished checkpoints cannot be removed', () => removeUnfinished(bus, store, storeName, beforeMs)),
  };
}

async function removeUnfinished(bus: Bus, store: ObjectStore, storeName: string, beforeMs: number): Promise<number> {
  const stream = `OBJ_${storeName}`;
  const finished = new Set((await store.list()).map(({ nuid }) => nuid));
  const prefix = `$O.${storeName}.C.`;
  const { state } = await bus.manager.streams.info(stream, { subjects_filter: `${prefix}>` });
  let removed = 0;
  for (const filter of Object.keys(state.subjects ?? {})) {
    if (finished.has(filter.slice(prefix.length))) continue;
    const last = await lastMessage(bus, stream, filter);
    if (last === null || last.timeUs / 1000 > beforeMs) continue;
    await bus.manager.streams.purge(stream, { filter });
    removed++;
  }
  return removed;
}

async function remove(bus: Bus, store: ObjectStore, storeName: string, name: string): Promise<void> {
  const info = await store.info(name);
  if (info === null) return;
  for (const filter of [`$O.${storeName}.C.${info.nuid}`, metaSubject(storeName, name)])
    await bus.manager.streams.purge(`OBJ_${storeName}`, { filter });
}

/** Objects are many messages, and the client's failures on the way vary: each is tried anew as a whole. */
async function again<T>(bus: Bus, what: string, call: () => Promise<T>): Promise<T> {
  const attemptsMax = 10;
  for (let attempt = 1; ; attempt++) {
    await bus.whenConnected();
    try {
      return await call();
    } catch (error) {
      if (attempt === attemptsMax && !isTransient(error)) throw unavailable(what, error);
    }
    await pause(retryDelayMs(attempt));
  }
}

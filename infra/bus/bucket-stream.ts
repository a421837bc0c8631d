import { DiscardPolicy, RetentionPolicy, StorageType } from 'nats';
import type { Bus } from './connection.ts';
import { apiErrorOf, apiErrors } from './jetstream-errors.ts';
import { untilAnswered } from './retry.ts';

/** Creates a bucket if it is missing, without direct reads: a stale answer would bring back an old state. */
export async function ensureBucket(bus: Bus, name: string, replicas: number): Promise<void> {
  await untilAnswered(bus, `Bucket ${name} cannot be created`, () =>
    bus.manager.streams
      .add({
        name: `KV_${name}`,
        subjects: [`$KV.${name}.>`],
        storage: StorageType.File,
        retention: RetentionPolicy.Limits,
        discard: DiscardPolicy.New,
        max_msgs_per_subject: 1,
        allow_rollup_hdrs: true,
        deny_delete: true,
        allow_direct: false,
        num_replicas: replicas,
      })
      .catch((error: unknown) => {
        if (apiErrorOf(error) !== apiErrors.streamNameInUse) throw error;
      }),
  );
}

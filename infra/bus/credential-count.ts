import { buckets } from '../../events/subjects.ts';
import type { Bus } from './connection.ts';
import { apiErrorOf, apiErrors } from './jetstream-errors.ts';
import { openBucket } from './kv.ts';
import { untilAnswered } from './retry.ts';

/** How many credentials of devices are stored; 0 while there is no bucket for them. @throws LOG_UNAVAILABLE */
export async function credentialCount(bus: Bus): Promise<number> {
  const exists = await untilAnswered(bus, 'Credentials cannot be counted', () =>
    bus.manager.streams.info(`KV_${buckets.credentials}`).then(
      () => true,
      (error: unknown) => {
        if (apiErrorOf(error) === apiErrors.streamNotFound) return false;
        throw error;
      },
    ),
  );
  return exists ? (await (await openBucket(bus, buckets.credentials)).keys()).length : 0;
}

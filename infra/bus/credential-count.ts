import { credentialKey } from '../../events/credential.ts';
import { buckets } from '../../events/subjects.ts';
import type { Bus } from './connection.ts';
import { apiErrorOf, apiErrors } from './jetstream-errors.ts';
import { openBucket } from './kv.ts';
import { untilAnswered } from './retry.ts';

/**
 * How many credentials of devices are stored, revoked ones included: with any of them nobody is let in unknown. Revoked
 * certificates are none: they open and close nothing. 0 while there is no bucket for them. @throws LOG_UNAVAILABLE
 */
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
  if (!exists) return 0;
  const keys = await (await openBucket(bus, buckets.credentials)).keys();
  return keys.filter((key) => key.startsWith(credentialKey(''))).length;
}

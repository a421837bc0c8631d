import type { PublishRecord } from '../../events/record.ts';

/** A publish that holds no reading, and is not meant to: the configuration says so. It counts as filtered. */
export interface NoReading {
  readonly noReading: true;
}

export const noReading: NoReading = { noReading: true };

/** Nothing but "forget what is retained here" (MQTT 3.1.1, 3.3.1.3), as products say it of a device that is renamed or gone. */
export function clearsRetained({ retain, payload }: Pick<PublishRecord, 'retain' | 'payload'>): boolean {
  return retain && payload.length === 0;
}

import { hash } from 'node:crypto';
import type { PublishRecord } from '../../events/record.ts';
import type { Identity } from '../access/identity.ts';
import { RequestRefused } from './answer.ts';

/** What the records of one request say of their sender, by the record's place among them. */
export type Sender = (index: number) => Pick<PublishRecord, 'client' | 'packetId' | 'dup'>;

/**
 * Keyed records of an identity are spread over so many clients by name. Readers remember the last 256 of each client
 * (`processors/decode/retransmissions.ts`), so of an identity as many as 64 x 256 in a partition; 10,000 in a row are as
 * good as certain to be among them. A client for each key would drive those of MQTT from the readers' memory.
 */
const clientsPerIdentity = 64;

/** HTTP's Idempotency-Key: visible characters. */
const keyPattern = /^[\x21-\x7e][\x20-\x7e]{0,254}$/;

/**
 * Who sends, as the log knows it. With an `Idempotency-Key` each record is marked as a retransmission from the start and
 * gets a packet identifier of 48 bits from key and place: the first of it finds nothing like it and is taken, a repeat is
 * dropped by whoever reads the log, in whichever process and after whatever restart.
 */
export function senderOf(identity: Identity, key: string | undefined): Sender {
  const client = `http/${identity.name}`;
  if (key === undefined) return () => ({ client, packetId: 0, dup: false });
  if (!keyPattern.test(key))
    throw new RequestRefused(
      400,
      'bad-idempotency-key',
      'Idempotency-Key must be 1 to 255 visible ASCII characters, such as a UUID.',
    );
  return (index) => {
    const digest = hash('sha256', `${index} ${key}`, 'buffer');
    return {
      client: `${client}/${digest[0]! % clientsPerIdentity}`,
      packetId: digest.readUIntBE(1, 6),
      dup: true,
    };
  };
}

import { z } from 'zod';
import { size } from './units.ts';

/** What one client, and one address, may do at ingest; what happens at each is in docs/limits.md. */
export const clientLimits = {
  connectionsMax: z.int().min(1).default(20_000).describe('MQTT connections of an ingest process'),
  messagesPerSecond: z
    .int()
    .min(1)
    .default(2_000)
    .describe('of one client; above it its socket is not read for a while'),
  bytesPerSecond: size().prefault('2MiB').describe('of one client; above it its socket is not read for a while'),
  unacknowledgedMax: z
    .int()
    .min(1)
    .max(256)
    .default(256)
    .describe('publishes of one client that are not in the log yet; readers know so many retransmissions'),
  clientIdBytesMax: z.int().min(1).max(1_024).default(128),
  filtersPerSubscribeMax: z.int().min(1).max(1_000).default(8).describe('filters of one SUBSCRIBE'),
  subscriptionsMax: z.int().min(1).max(10_000).default(50).describe('of one client'),
  connectionsPerSecond: z.int().min(1).default(10).describe('new ones of one address (IPv6: of one /64)'),
  connectionsPerAddressMax: z.int().min(1).default(1_000).describe('open ones of one address (IPv6: of one /64)'),
  limitLoopback: z
    .boolean()
    .default(false)
    .describe('whether the two limits of an address hold for this machine itself, too'),
};

import { z } from 'zod';
import { name } from './name-schema.ts';
import { duration } from './units.ts';

const filter = z.strictObject({
  filter: z
    .string()
    .refine(
      isFilter,
      'must be a topic filter: + stands for a whole level, # for the last ones, and $share is set by "shared"',
    )
    .describe('topic filter at the other broker'),
  qos: z
    .union([z.literal(0), z.literal(1), z.literal(2)])
    .default(1)
    .describe('0 may lose messages; 1 is as safe as 2, which takes one message at a time'),
  strip: z.string().optional().describe('taken from the beginning of the topic, where it stands there'),
  prefix: z.string().optional().describe('then put before it'),
});

/** Another MQTT broker whose messages are taken in. */
export const bridge = z.strictObject({
  name,
  url: z.url({ protocol: /^mqtts?$/, error: 'must be an mqtt:// or mqtts:// address' }),
  protocol: z
    .union([z.literal(5), z.literal(4)])
    .default(5)
    .describe('5: MQTT 5; 4: MQTT 3.1.1'),
  topics: z.array(filter).min(1).max(64),
  shared: z
    .string()
    .regex(/^[^/+#\0]{1,64}$/, 'must be the name of a group: without / + #')
    .optional()
    .describe('subscribes as a member of this group ($share/<group>/...): each message goes to one member'),
  clientId: z.string().min(1).max(128).optional().describe('default: millrace-<name>'),
  username: z.string().optional(),
  password: z.string().optional().describe('a secret: it is in no configuration version and no answer'),
  tls: z
    .strictObject({
      ca: z.string().optional().describe('file of certificates (PEM) that are trusted'),
      cert: z.string().optional().describe('file of the own certificate (PEM)'),
      key: z.string().optional().describe('file of its key (PEM)'),
    })
    .optional()
    .describe('for mqtts://; certificates are always checked'),
  inFlightMax: z
    .int()
    .min(1)
    .max(256)
    .default(256)
    .describe('messages on their way to the log; the next is taken when one of them is stored'),
  rebirths: z
    .boolean()
    .default(false)
    .describe('whether it may publish there: it asks Sparkplug edge nodes whose data it brought for their births'),
  keepalive: duration().prefault('30s'),
  sessionExpiry: duration()
    .prefault('7d')
    .describe('MQTT 5: how long the broker keeps messages while the bridge is away'),
});

function isFilter(text: string): boolean {
  if (text === '' || text.includes('\0') || text.startsWith('$share/')) return false;
  const levels = text.split('/');
  return levels.every((level, i) => level === '+' || (level === '#' && i === levels.length - 1) || !/[+#]/.test(level));
}

import { randomUUID } from 'node:crypto';
import type { CommandBody } from '../../../events/api-commands.ts';
import type { CommandOrder } from '../../../events/command.ts';
import { encodeCommand } from '../../../events/command-payload.ts';
import { commandTopic, compileCommandTemplate } from '../../../events/command-topics.ts';
import type { DeviceState } from '../../../events/device.ts';
import type { CommandConfig } from '../../../infra/config/schema.ts';
import { sparkplugCommand } from '../../../infra/sparkplug/command.ts';
import { parseDurationMs } from '../../../infra/config/units.ts';

const timeoutMinMs = 1_000;
const timeoutMaxMs = 7 * 86_400_000;

type Device = Pick<DeviceState, 'key' | 'tags' | 'life'>;

/** The key whose topics the device listens to: that of its new hardware, where it has been replaced. */
function addressOf({ key, life }: Pick<Device, 'key' | 'life'>): string {
  return life.replacedBy ?? key;
}

/** The templates that reach a device: its key has as many parts, and its tags the names of the others. */
export function templatesFor(commands: readonly CommandConfig[], { tags, ...of }: Device): CommandConfig[] {
  return commands.filter(({ template }) => {
    const { route } = compileCommandTemplate(template);
    return (
      route.length === addressOf(of).split('/').length &&
      route.every((name) => name === 'device' || Object.hasOwn(tags, name))
    );
  });
}

/** What ingest is asked to do. @returns a sentence when the request cannot be one */
export function makeOrder(config: CommandConfig, device: Device, body: CommandBody): CommandOrder | string {
  const { command, payload, json, id = randomUUID(), attempts = config.attempts, client } = body;
  if (payload !== undefined && json !== undefined) return 'Give "payload" or "json", not both.';
  const timeoutMs = body.timeout === undefined ? config.timeout : parseDurationMs(body.timeout);
  if (timeoutMs === null || timeoutMs < timeoutMinMs || timeoutMs > timeoutMaxMs)
    return `timeout: must be from 1s to 7d, is ${String(body.timeout)}.`;
  const content = { id, command, payload: json ?? payload };
  const bytes =
    config.format === 'sparkplug' ? sparkplugCommand(content, Date.now()) : encodeCommand(config.format, content);
  if (typeof bytes === 'string') return bytes;
  return {
    id,
    device: device.key,
    command,
    topic: commandTopic(compileCommandTemplate(config.template), addressOf(device), { command, id })!,
    payload: Buffer.from(bytes).toString('base64'),
    qos: config.qos === 0 ? 0 : 1,
    acknowledge: config.acknowledge,
    attempts,
    timeoutMs,
    ...(client === undefined ? {} : { client }),
  };
}

import type { Command } from 'commander';
import { undoable, type LifeRequest, type PartitionRequest, type Undoable } from '../../events/life.ts';
import { partitionOf } from '../../events/topics.ts';
import { askLife, findDevice } from '../bus/device-life.ts';
import { demoDataDirectory } from '../demo/plant.ts';
import { MillraceError } from '../errors.ts';
import { canAsk, confirmed } from '../terminal/confirm.ts';
import { configOption, dataOption } from '../cli/options.ts';
import { labelled } from '../terminal/labelled.ts';
import { attach } from './attach.ts';
import type { Terminal } from './terminal.ts';
import { UsageError } from './usage-error.ts';
import { type ConfigCommandFlags, loadOrExplain } from './validate.ts';

export interface DeviceLifeFlags extends ConfigCommandFlags {
  readonly yes?: boolean;
}

/** What people ask for. */
export type DeviceLifeRequest = Exclude<LifeRequest, PartitionRequest>;

/** Adds `rename`, `replace`, `undo`, `retire`, `revive` and `erase` to `millrace device`. */
export function addDeviceLife(
  device: Command,
  run: (request: DeviceLifeRequest, command: Command) => Promise<void>,
): void {
  const add = (name: string, description: string) =>
    device.command(name).description(description).addOption(configOption()).addOption(dataOption());
  add('rename <key> [label]', 'give a device a name for people; without one it has its own again').action(
    (key: string, label: string | undefined, _flags: unknown, command: Command) =>
      run({ kind: 'rename', key, label: label ?? '' }, command),
  );
  add('replace <key> <by>', 'what comes under the key <by> goes on with the history of <key>').action(
    (key: string, by: string, _flags: unknown, command: Command) => run({ kind: 'replace', key, by }, command),
  );
  add('undo <key> <what>', `take a ${undoable.join(' or a ')} back from here on; what came in between stays`).action(
    (key: string, what: string, _flags: unknown, command: Command) => {
      if (!(undoable as readonly string[]).includes(what))
        throw new UsageError(`"${what}" cannot be taken back: it is ${undoable.join(' or ')}`);
      return run({ kind: 'undo', key, of: what as Undoable }, command);
    },
  );
  const only = (kind: 'retire' | 'revive' | 'erase', description: string) =>
    add(`${kind} <key>`, description).action((key: string, _flags: unknown, command: Command) =>
      run({ kind, key }, command),
    );
  only('retire', 'rules and windows leave a device out; its readings are stored as before');
  only('revive', 'end a retirement');
  only('erase', 'delete all that is known and stored of a device').option('--yes', 'do not ask');
}

/** Exit codes: 0 done, 1 refused or answered with no. @throws UsageError, LOG_UNAVAILABLE, DEVICE_REFUSED */
export async function deviceLife(
  terminal: Terminal,
  flags: DeviceLifeFlags,
  request: DeviceLifeRequest,
): Promise<number> {
  const config = loadOrExplain(terminal, flags);
  if (config === null) return 1;
  if (request.kind === 'erase' && flags.yes !== true) {
    if (!canAsk() || terminal.isJson)
      throw new UsageError('nothing was erased: add --yes to erase a device where nobody can be asked');
    const asked = `erase ${request.key}, with all its readings and windows in InfluxDB? Nothing brings them back.`;
    if (!(await confirmed(asked))) return 1;
  }
  await using servers = await attach(config, 'device');
  if (servers.running === null && config.nats.url === undefined)
    throw new MillraceError(
      'LOG_UNAVAILABLE',
      `Nothing runs on the data directory ${config.data}: devices are changed by its workers. Start Millrace, or name another with --data (the demo: --data ${demoDataDirectory}).`,
    );
  const { partitions } = (servers.running ?? config).log;
  const { key } = request;
  const partition = (await findDevice(servers.bus, partitions, key)) ?? partitionOf(key, partitions);
  const byPartition = request.kind === 'replace' ? await findDevice(servers.bus, partitions, request.by) : null;
  const asked = byPartition === null ? request : { ...request, byPartition };
  const answer = await askLife(servers.bus, partition, asked);
  if (answer.outcome !== 'done') throw new MillraceError('DEVICE_REFUSED', answer.message);
  if (terminal.isJson) terminal.json({ event: 'done', ...request, partition, sequence: answer.sequence });
  else terminal.out(labelled(terminal.style, 'done', `${saysDone(request)}, from message ${answer.sequence} on`));
  return 0;
}

function saysDone(request: DeviceLifeRequest): string {
  const { kind, key } = request;
  switch (kind) {
    case 'rename':
      return request.label === '' ? `${key} has its own name again` : `${key} is called ${request.label}`;
    case 'replace':
      return `readings of ${request.by} are those of ${key}`;
    case 'undo':
      return request.of === 'rename'
        ? `${key} has the name that it had before`
        : `what replaced ${key} is a device of its own again`;
    case 'retire':
      return `${key} is retired`;
    case 'revive':
      return `${key} is no longer retired`;
    case 'erase':
      return `${key} is erased; the log holds its records until it is trimmed`;
  }
}

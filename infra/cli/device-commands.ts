import { type Command, Option } from 'commander';
import { audit, type AuditFlags } from '../commands/audit.ts';
import { addDeviceLife, deviceLife, type DeviceLifeFlags } from '../commands/device-life.ts';
import { device, type DeviceFlags } from '../commands/device.ts';
import { snippetKinds } from '../commands/device-snippets.ts';
import { type CommonFlags, openTerminal } from '../commands/terminal.ts';
import { common, configOption, dataOption } from './options.ts';

const several = (flags: string, text: string) =>
  new Option(flags, text).argParser((value: string, before: string[] | undefined) => [...(before ?? []), value]);

/** `millrace device ...` and `millrace audit`. */
export function addDeviceCommands(program: Command): void {
  const devices = program
    .command('device')
    .description('devices: credentials (add, rotate, revoke, list), rename, replace, undo, retire, revive, erase');
  devices
    .command('add <name>')
    .description('make a credential; shows its secret once, and what to paste into the device')
    .addOption(several('--tag <name=value>', 'fills {name} in topics, such as site=home; may be repeated'))
    .addOption(
      several('--publish <rule>', 'where it may publish, such as "sensors/{site}/{device}/#" (default: its own)'),
    )
    .addOption(several('--subscribe <rule>', 'what it may subscribe to (default: its own topics)'))
    .option('--certificate <fingerprint>', 'SHA-256 of its client certificate, instead of a secret')
    .option('--yes', 'do not ask before clients without a credential are cut off')
    .option('--for <product>', `what to paste: all, ${snippetKinds.join(', ')}`, 'all')
    .addOption(configOption())
    .addOption(dataOption())
    .action(async (name: string, flags: DeviceFlags, command: Command) => {
      process.exitCode = await device(openTerminal(common(command)), 'add', name, flags);
    });

  devices
    .command('rotate <name>')
    .description('give it a new secret')
    .option('--overlap <time>', 'for so long the secret before stays valid, such as 1h (default: not at all)')
    .addOption(configOption())
    .addOption(dataOption())
    .action(async (name: string, flags: DeviceFlags, command: Command) => {
      process.exitCode = await device(openTerminal(common(command)), 'rotate', name, flags);
    });

  devices
    .command('revoke <name>')
    .description('end a credential, or with sha256:<fingerprint> a certificate: who is connected is disconnected')
    .option('--ban', 'also a name that has no credential: of certificates or tokens')
    .addOption(configOption())
    .addOption(dataOption())
    .action(async (name: string, flags: DeviceFlags, command: Command) => {
      process.exitCode = await device(openTerminal(common(command)), 'revoke', name, flags);
    });

  devices
    .command('list')
    .description('the credentials there are')
    .addOption(configOption())
    .addOption(dataOption())
    .action(async (flags: DeviceFlags, command: Command) => {
      process.exitCode = await device(openTerminal(common(command)), 'list', '', flags);
    });

  program
    .command('audit')
    .description('what was done to credentials, and what was refused')
    .option('--limit <count>', 'how many of the latest', '50')
    .option('--before <entry>', 'those before this one')
    .addOption(configOption())
    .addOption(dataOption())
    .action(async (flags: AuditFlags, command: Command) => {
      process.exitCode = await audit(openTerminal(common(command)), flags);
    });

  addDeviceLife(devices, async (request, command) => {
    const flags = command.optsWithGlobals<CommonFlags & DeviceLifeFlags>();
    process.exitCode = await deviceLife(openTerminal(flags), flags, request);
  });
}

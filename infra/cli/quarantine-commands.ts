import type { Command } from 'commander';
import {
  groupQuarantine,
  listQuarantine,
  type QuarantineFlags,
  type RedriveFlags,
  redriveQuarantine,
  showQuarantined,
} from '../commands/quarantine.ts';
import { openTerminal } from '../commands/terminal.ts';
import { common, configOption, dataOption } from './options.ts';

/** `millrace quarantine ...` */
export function addQuarantineCommands(program: Command): void {
  const quarantine = program
    .command('quarantine')
    .description('what could not become a reading: look at it, redrive it');
  const asking = (command: Command) =>
    command
      .addOption(configOption())
      .addOption(dataOption())
      .option('--url <address>', 'the dashboard (default: http of the configuration)')
      .option('--reason <reason>', 'only what was set aside for it, e.g. no-template');
  const filtering = (command: Command) =>
    asking(command)
      .option('--device <key>', 'only of this device, e.g. plant1/press-7')
      .option('--topic <levels>', 'only of topics that begin with these levels')
      .option('--from <time>', 'arrived at or after, e.g. 2026-07-01T10:00:00Z')
      .option('--to <time>', 'arrived before');

  filtering(quarantine.command('list'))
    .description('items, newest first')
    .option('--open', 'only those that still stand')
    .option('--limit <count>', 'at most so many, up to 200', '50')
    .option('--after <cursor>', 'the page behind it, as the page before says')
    .action(async (flags: QuarantineFlags, command: Command) => {
      process.exitCode = await listQuarantine(openTerminal(common(command)), flags);
    });

  asking(quarantine.command('groups'))
    .description('counts by reason and device, largest first')
    .option('--limit <count>', 'at most so many, up to 1000', '100')
    .action(async (flags: QuarantineFlags, command: Command) => {
      process.exitCode = await groupQuarantine(openTerminal(common(command)), flags);
    });

  asking(quarantine.command('show <id>'))
    .description('an item with its whole payload, and what it would become now')
    .action(async (id: string, flags: QuarantineFlags, command: Command) => {
      process.exitCode = await showQuarantined(openTerminal(common(command)), id, flags);
    });

  filtering(quarantine.command('redrive [ids...]'))
    .description('put records into the log again, with their own origin and time')
    .option('--all', 'all that stands, without a filter')
    .option('--limit <count>', 'at most so many')
    .option('--dry-run', 'say what they would become; nothing is appended')
    .action(async (ids: string[], flags: RedriveFlags, command: Command) => {
      process.exitCode = await redriveQuarantine(openTerminal(common(command)), ids, flags);
    });
}

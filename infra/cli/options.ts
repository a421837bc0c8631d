import { type Command, Option } from 'commander';
import type { CommonFlags } from '../commands/terminal.ts';

/** Options that several commands have. */
export const configOption = () =>
  new Option('--config <file>', 'configuration (default: ./millrace.yaml if there is one)');
export const dataOption = () => new Option('--data <directory>', 'where log, database and logs are kept');

/** Those of the program itself, given before or behind the command. */
export const common = (command: Command): CommonFlags => command.optsWithGlobals<CommonFlags>();

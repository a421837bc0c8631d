import type { Command } from 'commander';
import { openTerminal } from '../commands/terminal.ts';
import { errorText } from '../terminal/labelled.ts';

/** How help and mistakes of usage look, for a program and the commands that are added to it afterwards. */
export function styleHelp(program: Command): void {
  program
    .configureHelp({
      // Arguments are in the command's own help: here they would leave no room for what it does.
      subcommandTerm: (command) => {
        if (command.parent === program) return command.name();
        const names = command.registeredArguments.map((one) => {
          const name = one.name() + (one.variadic ? '...' : '');
          return one.required ? `<${name}>` : `[${name}]`;
        });
        return [command.name(), ...names].join(' ');
      },
    })
    .configureOutput({
      outputError(text, write) {
        const { errStyle } = openTerminal({ color: !process.argv.includes('--no-color') });
        write(`${errorText(errStyle, text.replace(/^error: /, '').trimEnd())}\n`);
      },
    })
    .showHelpAfterError('add --help for what can be said here')
    .addHelpText(
      'after',
      `
First steps:
  npx millrace up --demo                            a simulated plant, to look around
  npx millrace device add kitchen --tag site=home   a credential for a sensor of yours
  npx millrace <command> --help                     what a command takes

Settings stand in ./millrace.yaml and in MILLRACE_... variables: docs/config.md.`,
    );
}

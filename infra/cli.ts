import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, CommanderError } from 'commander';
import { addDeviceCommands } from './cli/device-commands.ts';
import { common, configOption, dataOption } from './cli/options.ts';
import { addQuarantineCommands } from './cli/quarantine-commands.ts';
import { styleHelp } from './cli/help.ts';
import { addSchemaCommands } from './cli/schema-commands.ts';
import { apply, type ApplyFlags } from './commands/apply.ts';
import { command as sendCommand, type CommandFlags } from './commands/command.ts';
import { type ReplayFlags, replay } from './commands/replay.ts';
import { runService } from './commands/service.ts';
import { simulate, type SimulateFlags } from './commands/simulate.ts';
import { openTerminal } from './commands/terminal.ts';
import { UsageError } from './commands/usage-error.ts';
import { type ConfigCommandFlags, validate } from './commands/validate.ts';
import { MillraceError } from './errors.ts';
import { checkout } from './setup/checkout.ts';
import { errorText } from './terminal/labelled.ts';
import { up, type UpFlags } from './up/up.ts';

/**
 * The command line: where the services, which do not know each other, and what runs them are brought together.
 * Exit codes: 0 done, 1 wrong configuration or something failed, 2 wrong usage, 130 Ctrl-C.
 */
const { version } = JSON.parse(readFileSync(join(checkout, 'package.json'), 'utf8')) as { version: string };

const program = new Command('millrace')
  .description('Sensor events over MQTT into a durable log, windows, alerts, InfluxDB, a live dashboard and webhooks.')
  .version(version)
  .option('--json', 'results as JSON, one value per line')
  .option('--no-color', 'no colours')
  .exitOverride();
styleHelp(program);

program
  .command('up')
  .description('run the whole pipeline: servers, ingest, processors, dashboard')
  .option('--demo', 'with a simulated plant, sample rules and a webhook receiver')
  .addOption(configOption())
  .addOption(dataOption())
  .option('--keep', 'the state of windows and rules that the configuration edits goes on (default: it is reset)')
  .option('--mqtt-port <port>', 'where sensors publish')
  .option('--http-port <port>', 'where the dashboard is')
  .action(async (flags: UpFlags, command: Command) => {
    process.exitCode = await up(openTerminal(common(command)), flags, version);
  });

program
  .command('apply')
  .description('put a changed configuration in force, also while the pipeline runs, after saying what will happen')
  .addOption(configOption())
  .addOption(dataOption())
  .option('--keep', 'open windows and alerts of what is edited go on; refused where they cannot')
  .option('--reset', 'what is edited starts afresh (default)')
  .option('--rebuild', 'what is edited or new gets the state it would have, had it read the log since --from')
  .option('--from <time|position>', 'of a rebuild: 2026-07-01T10:00:00Z, a position in the log, or beginning')
  .option('--yes', 'do not ask')
  .action(async (flags: ApplyFlags, command: Command) => {
    process.exitCode = await apply(openTerminal(common(command)), flags);
  });

program
  .command('replay')
  .description('read the log again at full speed, into InfluxDB or nowhere')
  .addOption(configOption())
  .addOption(dataOption())
  .requiredOption(
    '--from <time|position|checkpoint>',
    '2026-07-01T10:00:00Z, a position, checkpoint (the latest kept), or beginning',
  )
  .option('--to <time|position>', 'where it ends (default: at the end of the log as it is now)')
  .requiredOption('--into <target>', 'influxdb: readings and windows are written again; nothing: they are counted')
  .action(async (flags: ReplayFlags, command: Command) => {
    const { replayLog } = await import('../processors/replay/replay.ts');
    process.exitCode = await replay(openTerminal(common(command)), flags, replayLog);
  });

program
  .command('ingest')
  .description('run the MQTT broker alone: sensor to log')
  .action(() => runService('ingest', async (options) => (await import('../ingest/main.ts')).startIngest(options)));

program
  .command('processors')
  .description('run the processors alone: log to readings, windows, alerts, InfluxDB, webhooks')
  .action(() =>
    runService('processors', async (options) => (await import('../processors/main.ts')).startProcessors(options)),
  );

program
  .command('dashboard')
  .description('run the dashboard alone')
  .action(() =>
    runService('dashboard', async (options) => (await import('../dashboard/server/main.ts')).startDashboard(options)),
  );

program
  .command('simulate')
  .description('publish what a fleet of sensors would')
  .option('--devices <count>', 'how many sensors', '100')
  .option('--rate <per second>', 'readings per second of all together', '100')
  .option('--seed <number>', 'the same seed gives the same fleet and faults (default: random, printed)')
  .option('--faults <list>', 'late, lost, duplicated, reordered, skewed, malformed, stray, e.g. late=1%,lost=0.5%')
  .option('--duration <time>', 'such as 60s or 5m (default: until Ctrl-C)')
  .option('--csv <file>', 'replay a data set: columns time, device, site (optional) and fields')
  .option('--speed <factor>', 'how many times as fast as measured a data set is replayed', '1')
  .option('--original-time', "keep a data set's times (default: shifted so that the last row is now)")
  .option('--url <address>', 'the broker (default: mqtt.port of the configuration)')
  .option('--acks <file>', 'append each acknowledged reading as a line of JSON')
  .action(async (flags: SimulateFlags, command: Command) => {
    const [{ simulate: run }, { parseFaults }] = await Promise.all([
      import('../simulators/main.ts'),
      import('../simulators/faults/fault-names.ts'),
    ]);
    process.exitCode = await simulate(openTerminal(common(command)), flags, { simulate: run, parseFaults });
  });

addDeviceCommands(program);
addQuarantineCommands(program);
addSchemaCommands(program);

program
  .command('command')
  .description('send a command to a device and wait until it is acknowledged')
  .argument('<device>', 'device key, such as plant1/press-7')
  .argument('<command>', 'one topic level, such as reboot')
  .argument('[payload]', 'JSON, or else text')
  .addOption(configOption())
  .addOption(dataOption())
  .option('--http-port <port>', 'where the dashboard is')
  .option('--id <id>', 'the same again asks for nothing new (default: generated)')
  .option('--timeout <time>', 'after it the command is given up, such as 30s')
  .option('--attempts <count>', 'sends at most')
  .option('--client <id>', "the device's MQTT client, where its subscriptions do not name the device")
  .option('--no-wait', 'end when the command is in the log')
  .action(async (device: string, name: string, payload: string | undefined, flags: CommandFlags, command: Command) => {
    process.exitCode = await sendCommand(openTerminal(common(command)), [device, name, payload], flags);
  });

program
  .command('validate')
  .description('check the configuration and name every mistake')
  .addOption(configOption())
  .action((flags: ConfigCommandFlags, command: Command) => {
    process.exitCode = validate(openTerminal(common(command)), flags);
  });

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = explain(error);
}
// What still keeps the process alive after its end was said must not hold it: a stopped service has nothing left.
process.exit();

function explain(error: unknown): number {
  // Commander has printed help, version or the mistake by itself.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  const { errStyle, err } = openTerminal({ color: !process.argv.includes('--no-color') });
  if (error instanceof UsageError) {
    err(errorText(errStyle, error.message));
    return 2;
  }
  // The sentence comes last: that is what a supervisor shows of a process that died.
  if (!(error instanceof MillraceError) && error instanceof Error && error.stack !== undefined) err(error.stack);
  err(errorText(errStyle, error instanceof Error ? error.message : String(error)));
  return 1;
}

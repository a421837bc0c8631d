import { type Command, Option } from 'commander';
import { inferSchema, type InferFlags } from '../commands/schema-infer.ts';
import { checkSchema, listSchemas, registerSchema, type SchemaFlags } from '../commands/schema.ts';
import { openTerminal } from '../commands/terminal.ts';
import { common, configOption, dataOption } from './options.ts';

/** `millrace schema ...` */
export function addSchemaCommands(program: Command): void {
  const schema = program
    .command('schema')
    .description('the schema registry: what payloads of Avro, Protobuf and JSON Schema are read by');
  const typeOption = () => new Option('--type <type>', 'avro, protobuf or json (default: by the name of the file)');

  schema
    .command('list')
    .description('subjects, versions and ids')
    .addOption(configOption())
    .addOption(dataOption())
    .action(async (flags: SchemaFlags, command: Command) => {
      process.exitCode = await listSchemas(openTerminal(common(command)), flags);
    });

  schema
    .command('register <subject> <file>')
    .description('register a schema and put it in force')
    .addOption(typeOption())
    .addOption(configOption())
    .addOption(dataOption())
    .action(async (subject: string, file: string, flags: SchemaFlags, command: Command) => {
      process.exitCode = await registerSchema(openTerminal(common(command)), flags, subject, file);
    });

  schema
    .command('check <subject> <file>')
    .description('whether the subject would take a schema, by its compatibility level')
    .addOption(typeOption())
    .addOption(configOption())
    .addOption(dataOption())
    .action(async (subject: string, file: string, flags: SchemaFlags, command: Command) => {
      process.exitCode = await checkSchema(openTerminal(common(command)), flags, subject, file);
    });

  schema
    .command('infer <topic>')
    .description('propose a schema from the JSON that the log holds under a topic filter such as sensors/+/press-7')
    .option('--format <format>', 'json-schema or avro', 'json-schema')
    .addOption(configOption())
    .addOption(dataOption())
    .action(async (topic: string, flags: InferFlags, command: Command) => {
      process.exitCode = await inferSchema(openTerminal(common(command)), flags, topic);
    });
}

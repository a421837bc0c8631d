import { formsOf, type SchemaNode } from './json-schema.ts';

/** The reference page of the configuration, Markdown, from its JSON Schema. */
export function configReference(schema: SchemaNode): string {
  const sections = Object.entries(schema.properties ?? {}).map(([key, node]) => section(key, node));
  return [
    '# Configuration',
    '',
    'Written by `node infra/launch.mjs --script infra/config/generate.ts`; do not edit. A commented example is `millrace.sample.yaml`.',
    '',
    'Millrace reads `millrace.yaml` (`--config`, `MILLRACE_CONFIG`), then the environment, then flags; the later wins. All',
    'mistakes are reported together, and nothing starts with one. Durations are written `500ms 10s 5m 2h 30d`, sizes',
    '`256KiB 4GiB`. Editors check the file with this first line:',
    '',
    '```yaml',
    '# yaml-language-server: $schema=./millrace.schema.json',
    '```',
    '',
    ...sections.flat(),
    ...environment,
    '',
  ].join('\n');
}

const environment = [
  '## Environment',
  '',
  '| variable | sets |',
  '|---|---|',
  ...[
    ['MILLRACE_CONFIG', 'the file to read'],
    ['MILLRACE_DATA', '`data`'],
    ['MILLRACE_HOST', '`mqtt.host`, `http.host` and `ingestHttp.host`'],
    ['MILLRACE_PASSWORD', '`http.password`'],
    ['MILLRACE_MQTT_PORT', '`mqtt.port`'],
    ['MILLRACE_MQTTS_PORT', '`mqtt.tls`'],
    ['MILLRACE_HTTP_PORT', '`http.port`'],
    ['MILLRACE_INGEST_HTTP_PORT', '`ingestHttp.port`'],
    ['MILLRACE_NATS_PORT', '`nats.port`'],
    ['MILLRACE_NATS_URL', '`nats.url`'],
    ['MILLRACE_INFLUX_PORT', '`influx.port`'],
    ['MILLRACE_INFLUX_URL', '`influx.url`'],
    ['MILLRACE_INFLUX_TOKEN, _ORG, _BUCKET', '`influx.token`, `influx.org`, `influx.bucket`'],
  ].map(([variable, what]) => `| \`${variable}\` | ${what} |`),
];

function section(key: string, node: SchemaNode): string[] {
  const forms = formsOf(node.items);
  const fields = (forms[0] ?? node).properties;
  const head = [`## ${key}`, ''];
  if (!fields) return [...head, ...table({ [key]: node }, []), ''];
  const lead = forms.length > 0 ? [`A list; each entry has:`, ''] : [];
  if (forms.length > 1) return [...head, ...lead, ...forms.flatMap(form), ''];
  return [...head, ...lead, ...table(fields, (forms[0] ?? node).required ?? []), ''];
}

/** One of the maps that an entry may be, under the value that says which. */
function form(node: SchemaNode): string[] {
  const fields = Object.entries(node.properties ?? {});
  const [key, kind] = fields.find(([, { const: value }]) => value !== undefined)!;
  const others = Object.fromEntries(fields.filter(([name]) => name !== key));
  return [
    `### \`${key}: ${String(kind.const)}\``,
    '',
    kind.description ?? '',
    '',
    ...table(others, node.required ?? []),
    '',
  ];
}

function table(fields: Readonly<Record<string, SchemaNode>>, required: readonly string[]): string[] {
  const rows = Object.entries(fields).map(([key, node]) => {
    const fallback =
      node.default === undefined ? (required.includes(key) ? 'required' : '') : defaultText(node.default);
    return `| \`${key}\` | ${typeText(node)} | ${fallback} | ${(node.description ?? '').replaceAll('|', '\\|')} |`;
  });
  return ['| key | value | default | meaning |', '|---|---|---|---|', ...rows];
}

function defaultText(value: unknown): string {
  if (typeof value === 'string') return `\`${value}\``;
  return `\`${JSON.stringify(value)}\``;
}

function typeText(node: SchemaNode): string {
  if (node.enum) return node.enum.map((value) => `\`${String(value)}\``).join(' ');
  if (node.anyOf) return node.anyOf.some(({ format }) => format !== undefined) ? 'network' : 'text or list of text';
  if (node.prefixItems) return 'two numbers';
  if (node.type === 'array') return typeof node.items === 'object' ? `list of ${typeText(node.items)}` : 'list';
  if (node.type === 'object') return node.properties ? 'map' : 'map of text';
  if (node.type === 'boolean') return '`true` `false`';
  if (node.pattern?.includes('KiB')) return 'size';
  if (node.pattern?.includes('(ms|s|m|h|d)')) return 'duration';
  if (node.format === 'uri') return 'address';
  if (node.minimum !== undefined && node.type === 'integer') {
    const isBounded = node.maximum !== undefined && node.maximum < Number.MAX_SAFE_INTEGER;
    return isBounded ? `${node.minimum} to ${node.maximum}` : `from ${node.minimum}`;
  }
  return node.type === 'string' ? 'text' : (node.type ?? '');
}

import { writeSparkplug, type SparkplugMetric } from './payload.ts';

/** Data types of Sparkplug 3.0.0 (section 6.4.16) that a command may name, and how their values travel. */
const types = {
  Int8: { datatype: 1, field: 'intValue' },
  Int16: { datatype: 2, field: 'intValue' },
  Int32: { datatype: 3, field: 'intValue' },
  Int64: { datatype: 4, field: 'longValue' },
  UInt8: { datatype: 5, field: 'intValue' },
  UInt16: { datatype: 6, field: 'intValue' },
  UInt32: { datatype: 7, field: 'intValue' },
  UInt64: { datatype: 8, field: 'longValue' },
  Float: { datatype: 9, field: 'floatValue' },
  Double: { datatype: 10, field: 'doubleValue' },
  Boolean: { datatype: 11, field: 'booleanValue' },
  String: { datatype: 12, field: 'stringValue' },
} as const;
type TypeName = keyof typeof types;

/** Metrics of one command. */
const metricsMax = 100;

/**
 * An NCMD or DCMD: an object of metrics, each a boolean, number (Double) or text, or `{"type": "Int32", "value": 5}`; another
 * value is that of the metric called like the command. The payload's `uuid` is the command's id.
 *
 * @returns a sentence when it cannot be written
 */
export function sparkplugCommand(
  { id, command, payload }: { readonly id: string; readonly command: string; readonly payload?: unknown },
  nowMs: number,
): Uint8Array | string {
  const asked = isObject(payload) && !isTyped(payload) ? payload : { [command]: payload };
  const entries = Object.entries(asked);
  if (entries.length === 0 || entries.length > metricsMax)
    return `A Sparkplug command has 1 to ${metricsMax} metrics, this one ${entries.length}.`;
  const metrics: SparkplugMetric[] = [];
  for (const [name, value] of entries) {
    const metric = metricOf(name, value);
    if (typeof metric === 'string') return metric;
    metrics.push({ ...metric, timestamp: nowMs });
  }
  return writeSparkplug({ timestamp: nowMs, metrics, uuid: id });
}

function metricOf(name: string, asked: unknown): SparkplugMetric | string {
  const typed = isTyped(asked) ? asked : { type: typeOf(asked), value: asked };
  const { type, value } = typed;
  if (type === null) return `Metric ${name} needs a boolean, number or text, or {"type", "value"}.`;
  if (!Object.hasOwn(types, type)) return `Metric ${name}: no type ${type}; known: ${Object.keys(types).join(', ')}.`;
  const { datatype, field } = types[type as TypeName];
  if (!fits(type as TypeName, value)) return `Metric ${name}: ${JSON.stringify(value) ?? 'nothing'} is no ${type}.`;
  return { name, datatype, [field]: type.startsWith('Int') ? unsigned(value as number, type as TypeName) : value };
}

function typeOf(value: unknown): TypeName | null {
  if (typeof value === 'boolean') return 'Boolean';
  if (typeof value === 'number') return 'Double';
  return typeof value === 'string' ? 'String' : null;
}

function fits(type: TypeName, value: unknown): boolean {
  if (type === 'Boolean') return typeof value === 'boolean';
  if (type === 'String') return typeof value === 'string';
  if (typeof value !== 'number' || !Number.isFinite(value)) return false;
  if (type === 'Float' || type === 'Double') return true;
  const bits = Number(/\d+$/.exec(type)![0]);
  // Beyond 2^53 JSON's numbers are no longer exact.
  const span = bits === 64 ? 2 ** 54 : 2 ** bits;
  const [least, greatest] = type.startsWith('U') ? [0, Math.min(span, 2 ** 53) - 1] : [-span / 2, span / 2 - 1];
  return Number.isInteger(value) && value >= least && value <= greatest;
}

/** Signed integers travel as two's complement: of 32 bit and less in 32. */
function unsigned(value: number, type: TypeName): number | SparkplugMetric['longValue'] {
  if (type !== 'Int64') return value >>> 0;
  return { low: value | 0, high: Math.floor(value / 2 ** 32), unsigned: true };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isTyped(value: unknown): value is { readonly type: string; readonly value: unknown } {
  return isObject(value) && typeof value['type'] === 'string' && 'value' in value;
}

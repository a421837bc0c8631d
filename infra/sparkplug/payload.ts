import protobuf from 'protobufjs/light.js';

/**
 * The payload of Sparkplug B (Eclipse Sparkplug Specification 3.0.0, section 6.4), which is Protocol Buffers. Of its
 * messages only what is read here is declared; the rest is skipped by the decoder.
 */
/** In this edition 0 is not the same as nothing: `seq` begins with it. */
const edition = 'proto2';

const root = protobuf.Root.fromJSON({
  nested: {
    Payload: {
      edition,
      fields: {
        timestamp: { id: 1, type: 'uint64' },
        metrics: { id: 2, type: 'Metric', rule: 'repeated' },
        seq: { id: 3, type: 'uint64' },
        uuid: { id: 4, type: 'string' },
      },
    },
    Metric: {
      edition,
      oneofs: {
        value: {
          oneof: [
            'intValue',
            'longValue',
            'floatValue',
            'doubleValue',
            'booleanValue',
            'stringValue',
            'bytesValue',
            'datasetValue',
            'templateValue',
          ],
        },
      },
      fields: {
        name: { id: 1, type: 'string' },
        alias: { id: 2, type: 'uint64' },
        timestamp: { id: 3, type: 'uint64' },
        datatype: { id: 4, type: 'uint32' },
        isHistorical: { id: 5, type: 'bool' },
        isTransient: { id: 6, type: 'bool' },
        isNull: { id: 7, type: 'bool' },
        intValue: { id: 10, type: 'uint32' },
        longValue: { id: 11, type: 'uint64' },
        floatValue: { id: 12, type: 'float' },
        doubleValue: { id: 13, type: 'double' },
        booleanValue: { id: 14, type: 'bool' },
        stringValue: { id: 15, type: 'string' },
        bytesValue: { id: 16, type: 'bytes' },
        datasetValue: { id: 17, type: 'bytes' },
        templateValue: { id: 18, type: 'Template' },
      },
    },
    Template: {
      edition,
      fields: {
        metrics: { id: 2, type: 'Metric', rule: 'repeated' },
        isDefinition: { id: 5, type: 'bool' },
      },
    },
  },
});

const payloadType = root.lookupType('Payload');

/** A 64-bit integer as the decoder gives it. */
export type Whole = number | { readonly low: number; readonly high: number; readonly unsigned: boolean };

/** A metric as it stands in the payload; what it does not hold is absent or null. */
export interface SparkplugMetric {
  readonly name?: string | null;
  readonly alias?: Whole | null;
  /** Epoch milliseconds. */
  readonly timestamp?: Whole | null;
  readonly datatype?: number | null;
  readonly isHistorical?: boolean | null;
  readonly isNull?: boolean | null;
  /** Which of the following is there; undefined when none is. */
  readonly value?: string;
  readonly intValue?: number;
  readonly longValue?: Whole;
  readonly floatValue?: number;
  readonly doubleValue?: number;
  readonly booleanValue?: boolean;
  readonly stringValue?: string;
  readonly bytesValue?: Uint8Array;
  readonly datasetValue?: Uint8Array;
  readonly templateValue?: { readonly metrics: readonly SparkplugMetric[]; readonly isDefinition?: boolean | null };
}

export interface SparkplugPayload {
  /** Epoch milliseconds. */
  readonly timestamp?: Whole | null;
  readonly metrics: readonly SparkplugMetric[];
  /** 0 to 255, one up with each message of an edge node since its birth. */
  readonly seq?: Whole | null;
  readonly uuid?: string | null;
}

/** Reads a payload; a text says why it is none. */
export function readSparkplug(bytes: Uint8Array): SparkplugPayload | string {
  try {
    return withNulls(payloadType.decode(bytes) as unknown as SparkplugPayload);
  } catch (error) {
    return error instanceof Error ? error.message.slice(0, 160) : 'unreadable';
  }
}

const wholes = ['timestamp', 'seq', 'alias'] as const;

/** Of 64-bit integers the decoder gives 0 for an absent one all the same. */
function withNulls(payload: SparkplugPayload): SparkplugPayload {
  const messages: (SparkplugPayload | SparkplugMetric)[] = [payload];
  for (const message of messages) {
    for (const name of wholes) if (!Object.hasOwn(message, name)) Object.assign(message, { [name]: null });
    const { metrics } = 'metrics' in message ? message : (message.templateValue ?? { metrics: [] });
    for (const metric of metrics) messages.push(metric);
  }
  return payload;
}

/** Writes a payload: for commands to edge nodes and devices. */
export function writeSparkplug(payload: SparkplugPayload): Uint8Array {
  return payloadType.encode(payloadType.create(payload)).finish();
}

/** A 64-bit integer as a double: exact up to 2^53. */
export function wholeOf(whole: Whole): number {
  return typeof whole === 'number' ? whole : (whole.high >>> 0) * 2 ** 32 + (whole.low >>> 0);
}

/** The 64 bits read as a signed integer, as a double. */
export function signedOf(whole: Whole): number {
  if (typeof whole === 'number') return whole;
  return (whole.high | 0) * 2 ** 32 + (whole.low >>> 0);
}

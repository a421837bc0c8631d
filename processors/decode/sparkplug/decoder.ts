import { bridgeOf, type Sent } from '../../../events/bridge-client.ts';
import type { PublishRecord } from '../../../events/record.ts';
import { keyText } from '../../../events/topics.ts';
import type { DecodedPayload } from '../../step.ts';
import type { Decoded, Decoder } from '../decoder.ts';
import type { FieldNames } from '../field-names.ts';
import { tooMany, type ReadingLimits } from '../json-object.ts';
import { quote, refuse, type Refusal } from '../refusal.ts';
import {
  begin,
  declare,
  edgeNodeLimits,
  type Declared,
  type EdgeNode,
  type EdgeNodes,
  type RebirthRequest,
} from './edge-nodes.ts';
import { metricReadings, nameOf } from './metric-readings.ts';
import { readSparkplug, wholeOf, type SparkplugPayload } from '../../../infra/sparkplug/payload.ts';

interface Reading {
  readonly limits: ReadingLimits;
  readonly names: FieldNames;
}

/** Who a message is from, as its topic says. */
interface Sender {
  readonly group: string;
  readonly node: string;
  /** '' for the edge node itself. */
  readonly device: string;
  readonly key: string;
}

/** A field that says whether the sender is there. */
const presenceField = 'online';

/**
 * Sparkplug B: `<namespace>/<group>/<message>/<edge node>[/<device>]`. Births declare metrics, later messages name them
 * by alias; what was declared is state of the partition. A message whose number does not follow, or that needs a birth
 * which is not there, has a rebirth asked for.
 *
 *     NBIRTH -> NDATA, DBIRTH -> DDATA -> DDEATH ... -> NDEATH (of the same session: bdSeq)
 *
 * A birth is a reading with `online: true`, a death one with `online: false` of the node and of each device under it.
 */
export function createSparkplugDecoder(
  nodes: EdgeNodes,
  limits: ReadingLimits,
  names: FieldNames,
  isDevice: boolean,
): Decoder {
  const within = { limits, names };
  return (record, message) => {
    const payload = readSparkplug(record.payload);
    if (typeof payload === 'string') return refuse('not-sparkplug', `the payload is not Sparkplug B: ${payload}`);
    const sender = senderOf(record.topic, isDevice);
    if (record.redriven !== undefined) return bounded(again(sender, payload, message, nodes, within), limits);
    const ask = (node: EdgeNode, why: string) =>
      nodes.ask(node, record.receivedAtUs, { group: sender.group, node: sender.node, why, via: viaOf(record) });
    const expected = isDevice ? `D${message?.slice(1) ?? ''}` : `N${message?.slice(1) ?? ''}`;
    switch (message === expected ? message.slice(1) : null) {
      case 'BIRTH':
        return bounded(birth(sender, payload, nodes, ask, within), limits);
      case 'DATA':
        return bounded(data(sender, payload, nodes, ask, within), limits);
      case 'DEATH':
        return bounded(death(sender, payload, nodes, ask, within), limits);
      case 'CMD':
        return refuse('not-sparkplug', 'a command to an edge node or device is no reading');
      default:
        return refuse(
          'not-sparkplug',
          `${quote(message ?? '')} is no message of ${isDevice ? 'a device' : 'an edge node'}`,
        );
    }
  };
}

type Ask = (node: EdgeNode, why: string) => void;

function birth(sender: Sender, payload: SparkplugPayload, nodes: EdgeNodes, ask: Ask, within: Reading): Decoded {
  const node = nodes.open(sender.key);
  if (node === null)
    return refuse('too-many-devices', `the partition already knows ${edgeNodeLimits.nodesMax} edge nodes`);
  if (sender.device === '') {
    node.parts.clear();
    node.metrics = 0;
    node.session = sessionOf(payload);
    node.sequence = sequenceOf(payload);
  } else follow(node, payload, ask);
  const part = begin(node, sender.device);
  for (const metric of payload.metrics) {
    const { name, alias, datatype } = metric;
    if (!name) continue;
    const number = alias === undefined || alias === null ? null : wholeOf(alias);
    if (!declare(node, part, { name, type: datatype || null }, number))
      return refuse('too-many-fields', `the edge node declares more than ${edgeNodeLimits.metricsPerNodeMax} metrics`);
  }
  return ofSender(sender, metricReadings(payload, part, within, { [presenceField]: true }), 'online');
}

function data(sender: Sender, payload: SparkplugPayload, nodes: EdgeNodes, ask: Ask, within: Reading): Decoded {
  const node = nodes.open(sender.key);
  if (node === null)
    return refuse('too-many-devices', `the partition already knows ${edgeNodeLimits.nodesMax} edge nodes`);
  const part = node.parts.get(sender.device);
  const declared: Declared | null = part?.isOnline === true ? part : null;
  if (declared === null) ask(node, `${sender.device || 'it'} sent data without a birth`);
  else follow(node, payload, ask);
  const unknown = payload.metrics.find((metric) => nameOf(metric, declared) === null);
  if (unknown !== undefined) {
    if (declared !== null) ask(node, 'it sent an alias that its birth does not declare');
    const which =
      unknown.alias === undefined || unknown.alias === null ? 'no alias' : `alias ${wholeOf(unknown.alias)}`;
    const why = declared === null ? 'there is no birth yet' : 'the birth does not declare it';
    return refuse('no-birth', `a metric has no name and ${which}, and ${why}; a rebirth is asked for`);
  }
  const readings = metricReadings(payload, declared, within);
  if (readings.length === 0) return refuse('not-sparkplug', 'no metric in it is a field with a value');
  return ofSender(sender, readings);
}

function death(sender: Sender, payload: SparkplugPayload, nodes: EdgeNodes, ask: Ask, within: Reading): Decoded {
  const node = nodes.get(sender.key);
  if (sender.device !== '') {
    if (node !== null) follow(node, payload, ask);
    const part = node?.parts.get(sender.device);
    if (part !== undefined) part.isOnline = false;
    const { timestamp } = payload;
    const gone = metricReadings({ timestamp, metrics: [] }, null, within, { [presenceField]: false });
    return ofSender(sender, gone, 'offline');
  }
  // The broker sends it for a connection that may be long over.
  const session = sessionOf(payload);
  if (node !== null && node.session !== null && session !== null && session !== node.session)
    return refuse(
      'not-sparkplug',
      `the death of session ${session} (bdSeq), the edge node is in session ${node.session}`,
    );
  // Its time is that of the connection's begin, when the will was written.
  const gone = () => metricReadings({ metrics: [] }, null, within, { [presenceField]: false });
  const readings = ofSender(sender, gone(), 'offline');
  if (node === null) return readings;
  node.sequence = null;
  for (const [device, part] of node.parts) {
    if (device !== '' && part.isOnline) readings.push(...ofSender({ ...sender, device }, gone(), 'offline'));
    part.isOnline = false;
  }
  return readings;
}

/** A record that was redriven: what stands in it, by what is declared now. It moves no session. */
function again(
  sender: Sender,
  payload: SparkplugPayload,
  message: string | null,
  nodes: EdgeNodes,
  within: Reading,
): Decoded {
  const declared = nodes.get(sender.key)?.parts.get(sender.device) ?? null;
  if (message?.endsWith('DEATH') === true || message?.endsWith('CMD') === true)
    return refuse('not-sparkplug', 'a death or command that was set aside says nothing any more');
  if (payload.metrics.some((metric) => nameOf(metric, declared) === null))
    return refuse('no-birth', 'a metric has no name, and no birth since then declares its alias');
  const readings = metricReadings(payload, declared, within);
  return readings.length === 0
    ? refuse('not-sparkplug', 'no metric in it is a field with a value')
    : ofSender(sender, readings);
}

/** Looks whether a message's number follows that of the one before. */
function follow(node: EdgeNode, payload: SparkplugPayload, ask: Ask): void {
  const sequence = sequenceOf(payload);
  if (sequence === null) return;
  const before = node.sequence;
  if (before === null) ask(node, 'its birth is missing');
  else if (sequence !== (before + 1) % 256) ask(node, `message ${sequence} came after ${before}`);
  node.sequence = sequence;
}

function sequenceOf({ seq }: SparkplugPayload): number | null {
  return seq === undefined || seq === null ? null : wholeOf(seq) % 256;
}

/** `bdSeq`, with which a death names its birth. */
function sessionOf({ metrics }: SparkplugPayload): number | null {
  const metric = metrics.find(({ name }) => name === 'bdSeq');
  const value = metric?.longValue ?? metric?.intValue;
  return value === undefined ? null : wholeOf(value);
}

function senderOf(topic: string, isDevice: boolean): Sender {
  const levels = topic.split('/');
  const device = isDevice ? levels.pop()! : '';
  const [group, , node] = levels.slice(-3) as [string, string, string];
  return { group, node, device, key: keyText([group, node]) };
}

type Readings = (DecodedPayload | Refusal)[];

function ofSender({ device }: Sender, readings: Readings, presence?: DecodedPayload['presence']): Readings {
  const more = { ...(device === '' ? {} : { device }), ...(presence === undefined ? {} : { presence }) };
  return readings.map((one) => ('reason' in one ? one : { ...one, ...more }));
}

function bounded(decoded: Decoded, limits: ReadingLimits): Decoded {
  return Array.isArray(decoded) ? (tooMany(decoded.length, limits) ?? decoded) : decoded;
}

function viaOf(record: Pick<PublishRecord, 'topic'> & Partial<Sent>): RebirthRequest['via'] {
  const bridge = bridgeOf(record);
  return bridge === null ? null : { bridge, topic: record.topic };
}

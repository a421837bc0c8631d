import type { QuarantineReason } from '../../../events/quarantine.ts';
import type { FieldValue } from '../../../events/reading.ts';
import type { PublishRecord } from '../../../events/record.ts';
import type { ProcessingConfig } from '../../../infra/config/schema.ts';
import { payloadOf, type Said } from './payload.ts';
import type { Moment } from './log-time.ts';

/** What the specification makes of one publish. */
export interface Fate {
  readonly at: Moment;
  /** Place of the reading in its message: see `placeOf`. */
  readonly index: number;
  /** Number of the reading in its publish. */
  readonly part: number;
  readonly record: PublishRecord;
  readonly key: string | null;
  readonly kind: 'reading' | 'retransmission' | 'repeat' | 'redriven' | 'quarantined' | 'filtered';
  /** The transform that left nothing of it. */
  readonly filteredBy?: string;
  readonly reason: QuarantineReason | null;
  /** Of a reading. */
  readonly timeUs: number;
  readonly ownTime: boolean;
  readonly fields: Readonly<Record<string, FieldValue>>;
  readonly device: string;
  readonly tags: Readonly<Record<string, string>>;
}

const rememberedMax = 256;

/** A device that was not heard of for `state.retain`: nothing of it is known any more from here on. */
export interface Forgetting {
  readonly key: string;
  readonly at: Moment;
}

export interface Fates {
  /** What becomes of each publish of a partition, in the order of the log. */
  readonly fates: readonly Fate[];
  readonly forgettings: readonly Forgetting[];
}

export function fatesOf(moments: readonly Moment[], configs: readonly ProcessingConfig[], partitions: number): Fates {
  const fates: Fate[] = [];
  const forgettings: Forgetting[] = [];
  /** Those that still mean something: their device was not forgotten since. */
  let remembered: readonly Fate[] = [];
  for (const at of moments) {
    const config = configs[at.config]!;
    const heard = new Map(remembered.filter(isHeard).map((fate) => [fate.key!, fate.at.elapsedUs]));
    for (const [key, elapsedUs] of heard)
      if (at.elapsedUs - elapsedUs >= config.state.retain * 1e3) {
        forgettings.push({ key, at });
        remembered = remembered.filter((fate) => fate.key !== key);
      }
    for (const [index, record] of at.records.entries()) {
      if (record.kind !== 'publish') continue;
      const again = isRetransmission(record, fates);
      const said: readonly (Said | QuarantineReason | 'again')[] = again
        ? ['again' as const]
        : payloadOf(record.payload, record.topic.split('/')[3]);
      const only = record.redriven?.part ?? null;
      for (const [part, one] of only === null ? said.entries() : [[only, onlyOne(said, only)] as const]) {
        const publish = { at, index: placeOf({ index, part }), part, record };
        const fate = fateOf(publish, one, remembered, config, partitions, isTaken(publish, fates));
        fates.push(fate);
        remembered = [...remembered, fate];
        // A publish without a route is refused as a whole.
        if (fate.key === null) break;
      }
    }
  }
  return { fates, forgettings };
}

/** Of a publish that is there again for one of its readings; one that is refused as a whole stays so. */
function onlyOne<T>(said: readonly T[], part: number): T | 'no-such-part' {
  return said[part] ?? (said.length === 1 && typeof said[0] === 'string' ? said[0] : 'no-such-part');
}

/** What storage had set aside is a reading already; what a worker had is one once it was redriven and taken. */
function isTaken({ record: { redriven }, part }: Publish, before: readonly Fate[]): boolean {
  if (redriven === undefined) return false;
  if (redriven.by === 'storage') return true;
  return before.some(
    (fate) =>
      fate.record.redriven?.by === 'worker' &&
      fate.record.redriven.sequence === redriven.sequence &&
      fate.part === part &&
      (fate.kind === 'reading' || fate.kind === 'repeat'),
  );
}

function isHeard({ kind }: Fate): boolean {
  return kind === 'reading' || kind === 'repeat' || kind === 'redriven';
}

/** One number for record and reading in it, in the order of the log. */
export function placeOf({ index, part = 0 }: { readonly index: number; readonly part?: number }): number {
  return index + part / 1_024;
}

type Publish = Pick<Fate, 'at' | 'index' | 'part' | 'record'>;

function fateOf(
  publish: Publish,
  said: Said | QuarantineReason | 'again',
  before: readonly Fate[],
  config: ProcessingConfig,
  partitions: number,
  taken: boolean,
): Fate {
  const { record, at, part } = publish;
  const [root, site, device, field, ...more] = record.topic.split('/');
  const matches = root === 'sensors' && !!site && !!device && field !== '' && more.length === 0;
  const nothing = { timeUs: 0, ownTime: false, fields: {}, device: device ?? '', tags: { site: site ?? '' } };
  const key = matches ? `${encodeURIComponent(site)}/${encodeURIComponent(device)}` : null;
  const end = (kind: Fate['kind'], reason: QuarantineReason | null): Fate => {
    return { ...publish, ...nothing, key, kind, reason };
  };

  if (said === 'again') return end('retransmission', null);
  if (key === null) return end('quarantined', 'no-template');
  if (typeof said === 'string') return end('quarantined', said);
  const { timeUs: ownUs, fields } = said;
  if (ownUs !== null && ownUs < Date.UTC(2000, 0, 1) * 1e3) return end('quarantined', 'clock-unset');
  if (ownUs !== null && ownUs > at.nowUs + config.clock.maxAhead * 1e3) return end('quarantined', 'clock-ahead');

  // A device is known from its first reading that could be decoded and timed.
  const known = new Set(before.filter(({ kind }) => kind === 'reading' || kind === 'redriven').map((fate) => fate.key));
  if (!known.has(key) && known.size >= Math.ceil(config.limits.devicesMax / partitions))
    return end('quarantined', 'too-many-devices');

  if (taken) return end('redriven', null);

  const own = before.filter((fate) => fate.kind === 'reading' && fate.key === key);
  if (ownUs === null) {
    const given = own.filter((fate) => !fate.ownTime && fate.record.redriven === undefined).at(-1)?.timeUs;
    const live = Math.max(Math.min(record.receivedAtUs, at.nowUs), given === undefined ? 1 : given + 1);
    const timeUs = record.redriven === undefined ? live : record.receivedAtUs + part;
    return { ...publish, ...nothing, key, kind: 'reading', reason: null, timeUs, fields };
  }
  const names = Object.keys(fields).toSorted().join();
  const timed = own.filter(({ ownTime }) => ownTime).slice(-rememberedMax);
  if (timed.some((fate) => fate.timeUs === ownUs && Object.keys(fate.fields).toSorted().join() === names))
    return end('repeat', null);
  return { ...publish, ...nothing, key, kind: 'reading', reason: null, timeUs: ownUs, ownTime: true, fields };
}

/** Marked `dup`, and equal in client, topic, packet id and payload to one of the client's last 256 of QoS 1 or 2. */
function isRetransmission(record: PublishRecord, before: readonly Fate[]): boolean {
  if (!record.dup || record.qos === 0 || record.redriven !== undefined) return false;
  return before
    .filter(
      (fate) =>
        fate.kind !== 'retransmission' &&
        Number.isInteger(fate.index) &&
        fate.record.redriven === undefined &&
        fate.record.client === record.client &&
        fate.record.qos > 0,
    )
    .slice(-rememberedMax)
    .some(
      ({ record: other }) =>
        other.topic === record.topic &&
        other.packetId === record.packetId &&
        Buffer.compare(other.payload, record.payload) === 0,
    );
}

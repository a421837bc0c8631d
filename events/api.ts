/**
 * What the dashboard's REST interface answers (all under `/api/v1`). Times are integer microseconds since the UTC
 * epoch. Every list is bounded by `limit`; `next` is the cursor for the rest, null at the end. In a path a device key
 * is one encoded segment: `/devices/plant1%2Fpress-7`. Alerts and webhooks are in `api-alerts.ts`, what was set aside
 * and the ledger in `api-intake.ts`, the frames of `/live` in `frames.ts`.
 */
import type { AlertState, Severity, Transition } from './alert.ts';
import type { ActiveAlert } from './api-alerts.ts';
import type { AlertStatus, DeviceLife, DeviceState, Presence } from './device.ts';
import type { Ledger } from './ledger.ts';
import type { PipelineFigures, PipelineSeries, TransformFigures } from './pipeline.ts';
import type { FieldValue } from './reading.ts';
import type { PayloadFormat } from './topics.ts';
import type { WindowResult } from './window.ts';

export const apiPath = '/api/v1';

/** Any answer other than 2xx. `error` is a stable code such as `NOT_FOUND`, `message` a sentence. */
export interface ApiError {
  readonly error: string;
  readonly message: string;
}

/** `GET /readyz`: 200 when ready, else 503. */
export interface Readiness {
  readonly ready: boolean;
  /** What an acknowledged reading survives: `kill -9` of any process, or power loss too. */
  readonly durability: 'power-loss' | 'process';
  /** Why it is not ready. */
  readonly reasons: readonly string[];
  /** What does not work although readings are taken in and alerts fire. */
  readonly degraded: readonly string[];
}

/** `GET /status`: what the frame of every page needs. */
export interface StatusAnswer {
  /** Whether people sign in, and so can sign out. */
  readonly needsPassword: boolean;
  readonly version: string;
  readonly instance: string;
  readonly atUs: number;
  readonly startedAtUs: number;
  readonly readiness: Readiness;
  readonly processes: readonly ProcessStatus[];
  readonly fields: readonly FieldInfo[];
  readonly topics: readonly { readonly template: string; readonly format: PayloadFormat }[];
  /** Sensors are let in with a credential, token or certificate only. */
  readonly asksWho: boolean;
  /** Where sensors publish: `mqtt://127.0.0.1:1883`, over TLS where there is some: `mqtts://127.0.0.1:8883`. */
  readonly mqttUrl: string;
}

export interface ProcessStatus {
  readonly process: 'ingest' | 'processors' | 'dashboard';
  readonly instance: string;
  readonly pid: number;
  readonly startedAtUs: number;
  /** Its last report. */
  readonly atUs: number;
  /** It reported within the last 5 s. */
  readonly alive: boolean;
  readonly rssBytes: number;
}

/** What the configuration says of a field. */
export interface FieldInfo {
  readonly name: string;
  /** Only under this topic template; null: wherever the field appears. */
  readonly topic: string | null;
  readonly label: string;
  readonly unit: string;
  readonly range: readonly [number, number] | null;
}

export const overviewRanges = ['15m', '1h', '6h'] as const;
export type OverviewRange = (typeof overviewRanges)[number];

/** `GET /overview?range=15m|1h|6h` (default 15m). */
export interface OverviewAnswer {
  readonly figures: PipelineFigures;
  readonly series: PipelineSeries;
  /** At most 10, most severe and longest first. */
  readonly alerts: readonly ActiveAlert[];
  /** In the order of the configuration, then those that are gone. Empty while no processors report. */
  readonly transforms: readonly TransformFigures[];
  /** At most 10 silent devices, the one silent for the shortest time first. */
  readonly silent: readonly DeviceRow[];
}

/** The trace of a device's first numeric field: 60 means of 15 s each. */
export interface Sparkline {
  readonly field: string;
  readonly stepUs: number;
  /** End of the last bucket. */
  readonly endUs: number;
  /** Oldest first; null where nothing came. */
  readonly points: readonly (number | null)[];
}

export interface DeviceRow {
  readonly key: string;
  readonly device: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly fields: Readonly<Record<string, FieldValue>>;
  readonly lastTimeUs: number;
  /** The log's clock at its last reading: its age is `PipelineFigures.nowUs` minus this. */
  readonly lastSeenUs: number;
  /** Shortest learned interval of its fields. Silence beyond `gapUs(intervalUs)` is stale. */
  readonly intervalUs: number | null;
  readonly presence: Presence;
  readonly life: DeviceLife;
  /** Offline, stale or unknown, and not retired. */
  readonly stale: boolean;
  /** One reading per learned interval; 0 when stale, null while the interval is unlearned. */
  readonly ratePerS: number | null;
  /** The most severe of its active alerts. */
  readonly alert: Pick<AlertStatus, 'rule' | 'field' | 'severity' | 'state' | 'sinceUs' | 'condition'> | null;
  readonly spark: Sparkline | null;
}

/**
 * `GET /devices?q=&limit=&after=` (limit 1..500, default 100): in alert first, then silent, then by name.
 * `q` understands words (in name, key or tag value), `tag:value`, `field>1`, `field<1`, `field>=1`, `field<=1`,
 * `field=1`, `is:online`, `is:offline`, `is:stale`, `is:unknown`, `is:retired`, `is:alert`; all must hold. 400 `BAD_QUERY` says which term is wrong.
 */
export interface DevicesAnswer {
  /** All devices known, and those that match `q`. */
  readonly total: number;
  readonly matched: number;
  /** Of all: not reporting, and retired. */
  readonly stale: number;
  readonly retired: number;
  readonly items: readonly DeviceRow[];
  /** Fields of the matching devices, the commonest first, at most 12. */
  readonly columns: readonly DeviceColumn[];
  /** Tags of the matching devices with their values (at most 12 tags, 50 values each), for filters. */
  readonly tags: readonly { readonly name: string; readonly values: readonly string[] }[];
  readonly next: string | null;
  /** Devices beyond this server's `devicesMax`, which it does not show. */
  readonly beyondMax: number;
}

export interface DeviceColumn {
  readonly name: string;
  readonly label: string;
  readonly unit: string;
  readonly devices: number;
}

/** `GET /devices/{key}`. 404 `NOT_FOUND` when nothing of it has ever arrived. */
export interface DeviceAnswer {
  readonly state: DeviceState;
  /** Of the log, which it is in. */
  readonly partition: number;
  readonly row: DeviceRow;
  readonly rules: readonly DeviceRule[];
  /** The latest steps of its rules, newest first, at most 200: alert lanes are drawn from these. */
  readonly transitions: readonly Transition[];
  /** Null while the partition's worker does not answer. */
  readonly ledger: Ledger | null;
  readonly fields: readonly FieldInfo[];
  /** Windows in the configuration that its fields fall into. */
  readonly windows: readonly { readonly name: string; readonly sizeUs: number }[];
  /** Its open windows so far, the earliest end first, at most 100; none while the partition's worker does not answer. */
  readonly partials: readonly WindowResult[];
}

/** A rule that concerns the device, one per field it judges, with its state. */
export interface DeviceRule {
  readonly rule: string;
  readonly field: string;
  /** The window's name and aggregate it judges; null: each reading. */
  readonly window: string | null;
  readonly aggregate: string | null;
  readonly severity: Severity;
  /** Fires above the greater and below the lesser; null: not limited there. */
  readonly above: number | null;
  readonly below: number | null;
  /** Where firing ends; null: at the limit itself. */
  readonly clear: number | null;
  readonly forMs: number;
  readonly staleMs: number;
  readonly condition: string;
  /** `unknown` before the first judgement. */
  readonly state: AlertState;
  readonly sinceUs: number | null;
  /** The value at the last step of its state. */
  readonly value: number | null;
}

/**
 * `GET /devices/{key}/history?field=&from=&to=&points=[&window=]`. `from` and `to` in us (to: default now), `points` 10..5000
 * (default 1000). 503 `STORAGE_UNAVAILABLE` while InfluxDB does not answer.
 *
 * The end joins the live feed: what InfluxDB has not taken yet is filled in from what the feed brought. A page
 * subscribes first, asks then, and appends frames with a time above `upToUs`.
 */
export interface HistoryAnswer {
  readonly key: string;
  readonly field: string;
  readonly fromUs: number;
  readonly toUs: number;
  /** `raw`: readings as they came. `buckets`: min, max and mean of each `stepUs`. `window`: of each window. `text`. */
  readonly kind: 'raw' | 'buckets' | 'window' | 'text';
  readonly stepUs: number | null;
  /** Columns of equal length, strictly rising in time. Buckets and windows carry their start. */
  readonly timesUs: readonly number[];
  /** The value, or the mean. Null: a gap; its time is right after the last reading before it. Empty for text. */
  readonly values: readonly (number | null)[];
  /** Only for buckets and windows, else empty. */
  readonly min: readonly (number | null)[];
  readonly max: readonly (number | null)[];
  /** Only for text, else empty. */
  readonly texts: readonly (string | null)[];
  /** Silence longer than this was marked as a gap. */
  readonly gapUs: number;
  /** Time of the last reading in this answer, null without any. */
  readonly upToUs: number | null;
  /** Time of the last reading that came from InfluxDB; what follows it came from the live feed. */
  readonly storedUpToUs: number | null;
}

/** The JSON text frames of `/live`. The browser sends `LiveSubscribe` (`live.ts`); the rest comes from the server. */
import type { DeviceRow } from './api.ts';
import type { Transition } from './alert.ts';
import type { LiveReading } from './live.ts';
import type { AlertCounts, PipelineFigures, PipelineSample } from './pipeline.ts';

/** First frame of a connection. Another `startedAtUs` than before: the server is a new one. */
export interface HelloFrame {
  readonly type: 'hello';
  readonly instance: string;
  readonly startedAtUs: number;
  readonly atUs: number;
}

/**
 * Readings of the devices subscribed to, at most every 100 ms. With `*` a key occurs once, with the latest value of
 * each field; devices subscribed to by name come with each reading that the feed brought, oldest first. A viewer that
 * does not keep up gets the latest values only.
 */
export interface ReadingsFrame {
  readonly type: 'readings';
  /** The log's clock. */
  readonly nowUs: number;
  readonly items: readonly LiveReading[];
}

/** Devices that are new, or whose tags, intervals, stale mark or alert changed, among those subscribed to; without traces. */
export interface DevicesFrame {
  readonly type: 'devices';
  readonly items: readonly DeviceRow[];
  /** Keys of devices that are forgotten, before `items`; absent when there are none. */
  readonly forgotten?: readonly string[];
}

/** A rule's step, for those who subscribed to alerts. */
export interface AlertFrame {
  readonly type: 'alert';
  readonly transition: Transition;
  /** What people call its device; empty: its name. */
  readonly label: string;
  readonly counts: AlertCounts;
}

/** Once a second to everybody: no frame for 2 s means that the connection is in trouble. */
export interface StatsFrame {
  readonly type: 'stats';
  readonly figures: PipelineFigures;
  readonly sample: PipelineSample;
}

/** A message that was not understood. After `badMessagesMax` of them the connection is closed (1008). */
export interface ErrorFrame {
  readonly type: 'error';
  readonly error: string;
  readonly message: string;
}

export type LiveFrame = HelloFrame | ReadingsFrame | DevicesFrame | AlertFrame | StatsFrame | ErrorFrame;

/** The JSON text frames of `/live`. The browser sends `LiveSubscribe` (`live.ts`); the rest comes from the server. */
import type { DeviceRow } from './api.ts';
import type { Transition } from './alert.ts';
import type { LiveReading, WindowsNow } from './live.ts';
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

/**
 * Open windows of the devices and groups that `windows` of the subscription names, at most every 500 ms for each and
 * only when they changed. `open` replaces what was open before: what is missing has closed, its result is in `closed`.
 * The present state follows a subscription at once or within a second. A viewer that does not keep up gets the latest
 * `open` only; results it missed are in the history.
 */
export interface WindowsFrame {
  readonly type: 'windows';
  readonly items: readonly (WindowsNow & { readonly scope: 'device' | 'group' })[];
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

/**
 * `BAD_MESSAGE`: it was not understood; after 5 of them the connection is closed (1008). `TOO_MANY_WATCHED`: others
 * watch open windows of 200 devices and groups already; those asked for are answered by REST only.
 */
export interface ErrorFrame {
  readonly type: 'error';
  readonly error: string;
  readonly message: string;
}

export type LiveFrame = HelloFrame | ReadingsFrame | DevicesFrame | WindowsFrame | AlertFrame | StatsFrame | ErrorFrame;

import type { DevicesPage, DevicesQuery } from '../../events/live.ts';
import type { WindowResult } from '../../events/window.ts';
import type { Pipeline } from '../pipeline.ts';

/** Devices on one page. */
export const pageMax = 500;
/** Open windows of one device or group, each of one field. */
export const partialsMax = 100;
/** Characters of JSON in one answer; three bytes each at most stay below a message's 1 MiB. */
const answerCharsMax = 300_000;

/** Where the worker stands in the log. */
export type LogPlace = Pick<DevicesPage, 'partition' | 'sequence' | 'nowUs'>;

/** What is asked. */
export type DevicesView = Pick<Pipeline, 'devices' | 'alerts' | 'ledger'> & {
  readonly partials: (key: string) => readonly WindowResult[];
};

/** The JSON of the page asked for. A page of large devices is shorter; the next begins where it ends. */
export function devicesAnswer(at: LogPlace, view: DevicesView, query: DevicesQuery): string {
  if (query.key !== undefined) return JSON.stringify(oneDevice(at, view, query.key));
  for (let limit = pageMax; ; limit = Math.ceil(limit / 4)) {
    const json = JSON.stringify(page(at, view, query.after, limit));
    if (json.length <= answerCharsMax || limit === 1) return json;
  }
}

function oneDevice(at: LogPlace, view: DevicesView, key: string): DevicesPage {
  const device = view.devices.get(key);
  return {
    ...at,
    devices: device === null ? [] : [device],
    alerts: device === null ? [] : view.alerts([key]),
    ledger: view.ledger(key),
    partials: view.partials(key).slice(0, partialsMax),
    next: null,
  };
}

function page(at: LogPlace, view: DevicesView, after: string | undefined, limit: number): DevicesPage {
  const devices = view.devices.page(after, limit);
  const keys = devices.map(({ key }) => key);
  return {
    ...at,
    devices,
    alerts: keys.length === 0 ? [] : view.alerts(keys),
    ledger: null,
    partials: [],
    next: devices.length === limit ? keys.at(-1)! : null,
  };
}

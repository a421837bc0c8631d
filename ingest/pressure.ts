import type { LogState } from '../infra/bus/log-publisher.ts';

/**
 * Whether sensors are listened to. `saturated`: the cap on waiting records is reached. `full`: the log is at its hard
 * stop. In both no socket is read and a new CONNECT gets return code 3; nothing is acknowledged that is not stored.
 *
 *     open --at cap--> saturated --half of it stored--> open
 *     any --log full--> full --log stores again--> open | saturated
 */
export type Pressure = 'open' | 'saturated' | 'full';

export interface Load {
  readonly log: LogState;
  readonly atCap: boolean;
  /** At most half of the cap waits. */
  readonly relieved: boolean;
}

export function nextPressure(present: Pressure, load: Load): Pressure {
  if (load.log === 'full') return 'full';
  if (load.atCap) return 'saturated';
  // Not at the first record stored: sockets that stop and go with every batch cost more than they give.
  if (present !== 'open' && !load.relieved) return 'saturated';
  return 'open';
}

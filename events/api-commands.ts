/** REST answers about commands to devices; see `api.ts` for what holds for all. */
import type { CommandView } from './command.ts';

/**
 * Body of `POST /devices/{key}/commands`; answered with 202 and the `CommandView`, with 200 when the id is known. 404
 * `NOT_FOUND`: no such device; 409 `NO_COMMAND_TOPIC`, `ID_TAKEN` or `TOO_MANY`; 503 when ingest does not answer.
 */
export interface CommandBody {
  /** One level of a topic. */
  readonly command: string;
  /** Text. */
  readonly payload?: string;
  /** Or anything that JSON has. */
  readonly json?: unknown;
  /** `30s`; from 1 s to 7 d. Default: the configuration's. */
  readonly timeout?: string;
  /** Sends at most, 1 to 20. */
  readonly attempts?: number;
  /** The same again asks for nothing new. Letters, digits, `-` and `_`, at most 64; generated when absent. */
  readonly id?: string;
  /** The device's MQTT client, where its subscriptions do not name the device (a gateway). */
  readonly client?: string;
}

/** `GET /devices/{key}/commands?limit=`: the latest first. `GET /devices/{key}/commands/{id}` answers one `CommandView`. */
export interface CommandsAnswer {
  readonly items: readonly CommandView[];
  /** Templates of the configuration that reach this device. */
  readonly templates: readonly string[];
}

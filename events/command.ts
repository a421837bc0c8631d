/** What is said of commands over core NATS, JSON; `payload` is base64. */
import type { CommandAcknowledge, CommandState } from './record.ts';

/** Request on `commands.request`: one ingest process takes it on itself. */
export interface CommandOrder {
  readonly id: string;
  /** Device key. */
  readonly device: string;
  readonly command: string;
  readonly topic: string;
  readonly payload: string;
  readonly qos: 0 | 1;
  readonly acknowledge: CommandAcknowledge;
  readonly attempts: number;
  readonly timeoutMs: number;
  /** The device's MQTT client; without it, whose subscription names the device. */
  readonly client?: string;
}

/** `known`: the same id was asked for before; `conflict`: for another command. */
export type OrderAnswer =
  | { readonly kind: 'accepted' | 'known'; readonly command: CommandView }
  | { readonly kind: 'conflict' }
  | { readonly kind: 'refused'; readonly message: string };

export interface CommandStepView {
  readonly state: CommandState;
  readonly atUs: number;
  /** Sends so far. */
  readonly attempt: number;
  readonly client: string;
  readonly detail: string;
}

/** A command with its steps, the first one first. */
export interface CommandView {
  readonly id: string;
  readonly device: string;
  readonly command: string;
  readonly topic: string;
  /** The last step's. */
  readonly state: CommandState;
  readonly attemptsMax: number;
  readonly deadlineUs: number;
  readonly steps: readonly CommandStepView[];
}

/** Request on `commands.query`; each ingest process answers with what it has of it, the latest first. */
export interface CommandQuery {
  readonly device: string;
  readonly id?: string;
  readonly limit: number;
}

/** Request on `commands.device`: whichever ingest process holds the client sends it and answers; others are silent. */
export interface DeviceMessage {
  /** Of the command; told again on `commands.progress` when the client acknowledges. */
  readonly id: string;
  readonly client?: string;
  readonly topic: string;
  readonly payload: string;
  readonly qos: 0 | 1;
}

/** `qos` is what the subscription allowed. */
export interface DeviceMessageAnswer {
  readonly client: string;
  readonly qos: 0 | 1;
}

/** On `commands.progress`: a client acknowledged a message of `commands.device`. */
export interface CommandProgress {
  readonly id: string;
  readonly client: string;
}

/** Request on `commands.answer`: a device answered; the process that sees to the command says so when it is in the log. */
export interface CommandReply {
  readonly id: string;
  readonly device: string;
  readonly client: string;
  readonly isDone: boolean;
  readonly detail: string;
}

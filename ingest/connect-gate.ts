import type { AedesOptions, Client } from 'aedes';
import type { BoundedPersistence } from './bounded-persistence.ts';
import type { CommandRules } from './commands/command-rules.ts';
import { DeviceConnection } from './connection.ts';
import type { RefusalReason, Refusals } from './refusals.ts';
import { isText, topicProblem } from './topic-text.ts';

/** Silence allowed to a client with keepalive 0, which asks for no limit; TCP keepalive finds dead peers earlier. */
const silenceWithoutKeepaliveMs = 3_600_000;

/** MQTT 3.1.1 table 3.1. */
const returnCodes = { identifierRejected: 2, serverUnavailable: 3 } as const;

export interface ConnectGateOptions {
  readonly persistence: BoundedPersistence;
  readonly refusals: Refusals;
  readonly rules: CommandRules;
  readonly clientIdBytesMax: number;
  /** Why no client is taken at present, null when one is. */
  closedBecause(): 'busy' | 'log-full' | null;
  /** Is a client with this id connected? */
  isConnected(id: string): boolean;
}

type PreConnect = NonNullable<AedesOptions['preConnect']>;
type Authenticate = NonNullable<AedesOptions['authenticate']>;

/** Decides on a CONNECT: `preConnect` sees the packet, `authenticate` is where aedes lets a return code be given. */
export function createConnectGate(options: ConnectGateOptions): { preConnect: PreConnect; authenticate: Authenticate } {
  const { persistence, refusals, rules, clientIdBytesMax, closedBecause, isConnected } = options;

  function returnCodeFor(id: string, clean: boolean, who: string): number {
    const refuse = refuseOf(who);
    if (!isText(id) || (id === '' && !clean)) return refuse('client-id', returnCodes.identifierRejected);
    if (Buffer.byteLength(id) > clientIdBytesMax) return refuse('client-id-too-long', returnCodes.identifierRejected);
    const reason = closedBecause();
    if (reason !== null) return refuse(reason, returnCodes.serverUnavailable);
    if (!clean && !persistence.sessions.enter(id, performance.now()))
      return refuse('too-many-sessions', returnCodes.serverUnavailable);
    return 0;
  }

  function willProblem(topic: string): RefusalReason | null {
    return topicProblem(topic) ?? (rules.kindOf(topic).kind === 'command' ? 'command-topic' : null);
  }

  const refuseOf = (who: string) => (reason: RefusalReason, returnCode: number) => {
    refusals.count(reason, who);
    return returnCode;
  };

  return {
    preConnect(client, packet, done) {
      const connection = connectionOf(client);
      if (packet.protocolVersion === 5) {
        // aedes answers with return code 1.
        refusals.count('mqtt-5', connection.who);
        return done(null, true);
      }
      const problem = packet.will ? willProblem(packet.will.topic) : null;
      if (problem !== null) {
        refusals.count(problem, connection.who);
        return done(new Refused(problem), false);
      }
      connection.connectReturnCode = returnCodeFor(packet.clientId, packet.clean ?? true, connection.who);
      const keepaliveMs = (packet.keepalive ?? 0) * 1_500;
      connection.silenceMaxMs = keepaliveMs > 0 ? keepaliveMs : silenceWithoutKeepaliveMs;
      // Silence is judged here, where it is known when the socket is not read; aedes' own timer does not know.
      packet.keepalive = 0;
      done(null, true);
    },
    authenticate(client, _username, _password, done) {
      const { connectReturnCode } = connectionOf(client);
      if (connectReturnCode === 0) {
        if (isConnected(client.id)) refusals.count('taken-over', client.id);
        return done(null, true);
      }
      const error = new Refused('connect');
      done(Object.assign(error, { returnCode: connectReturnCode }), null);
    },
  };
}

/** An error that makes aedes close a connection, for a reason that is already counted. */
export class Refused extends Error {
  override readonly name = 'Refused';
}

/** @throws TypeError when the client came another way than through a DeviceConnection. */
export function connectionOf(client: Client): DeviceConnection {
  if (client.conn instanceof DeviceConnection) return client.conn;
  throw new TypeError('a client without a DeviceConnection');
}

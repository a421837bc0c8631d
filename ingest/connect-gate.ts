import type { AedesOptions, Client } from 'aedes';
import { type AccessControl, type AccessRefusal } from './access/access-control.ts';
import type { ClientIds } from './access/client-ids.ts';
import type { Identity, Presented } from './access/identity.ts';
import type { RefusalAudit } from './access/refusal-audit.ts';
import type { BoundedPersistence } from './bounded-persistence.ts';
import type { CommandRules } from './commands/command-rules.ts';
import { DeviceConnection } from './connection.ts';
import type { RefusalReason, Refusals } from './refusals.ts';
import { isText, topicProblem } from './topic-text.ts';

/** Silence allowed to a client with keepalive 0, which asks for no limit; TCP keepalive finds dead peers earlier. */
const silenceWithoutKeepaliveMs = 3_600_000;

/** MQTT 3.1.1 table 3.1. */
const returnCodes = { identifierRejected: 2, serverUnavailable: 3, badUserOrPassword: 4, notAuthorized: 5 } as const;

export interface ConnectGateOptions {
  readonly persistence: BoundedPersistence;
  readonly refusals: Refusals;
  readonly rules: CommandRules;
  readonly clientIdBytesMax: number;
  readonly access: AccessControl;
  readonly clientIds: ClientIds;
  readonly audit: RefusalAudit;
  /** Why no client is taken at present, null when one is. */
  closedBecause(): 'busy' | 'log-full' | null;
  /** Is a client with this id connected? */
  isConnected(id: string): boolean;
  /** Something of ours went wrong. */
  onError(error: Error): void;
}

type PreConnect = NonNullable<AedesOptions['preConnect']>;
type Authenticate = NonNullable<AedesOptions['authenticate']>;

/** Decides on a CONNECT: `preConnect` sees the packet, `authenticate` is where aedes lets a return code be given. */
export function createConnectGate(options: ConnectGateOptions): { preConnect: PreConnect; authenticate: Authenticate } {
  const {
    persistence,
    refusals,
    rules,
    clientIdBytesMax,
    access,
    clientIds,
    audit,
    closedBecause,
    isConnected,
    onError,
  } = options;

  /** What can be said of a CONNECT before anybody is asked who he is. */
  function earlyCode({ asked: { clientId, clean }, who }: DeviceConnection): number {
    const refuse = refuseOf(who);
    if (!isText(clientId) || (clientId === '' && !clean)) return refuse('client-id', returnCodes.identifierRejected);
    if (Buffer.byteLength(clientId) > clientIdBytesMax)
      return refuse('client-id-too-long', returnCodes.identifierRejected);
    const reason = closedBecause();
    return reason === null ? 0 : refuse(reason, returnCodes.serverUnavailable);
  }

  async function accessCode(connection: DeviceConnection, presented: Presented): Promise<number> {
    const refuse = refuseOf(connection.who);
    const { asked, peer } = connection;
    const { clientId, clean, willTopic } = asked;
    const problem = peer.certificate?.problem ?? null;
    const judgement = problem === null ? await access.judge(presented) : refusedCertificate(problem);
    const about = { address: peer.address, client: clientId };
    if (judgement.kind === 'refused') {
      const { reason, detail } = judgement;
      const who = presented.username ?? peer.certificate?.commonName ?? '';
      audit.refused(reason, { ...about, who, reason: detail });
      return refuse(reason, codes[reason]);
    }
    // It left meanwhile.
    if (connection.destroyed) return returnCodes.serverUnavailable;
    const { identity } = judgement;
    const who = identity.name;
    if (!clientIds.isFree(clientId, identity)) {
      audit.refused('stolen-client-id', { ...about, who, reason: 'The client id is of another identity.' });
      return refuse('stolen-client-id', returnCodes.identifierRejected);
    }
    if (willTopic !== null && !access.mayPublish(identity, willTopic)) {
      audit.refused('topic-will', { ...about, who, topic: willTopic, reason: 'No rule allows this topic in a will.' });
      return refuse('topic-will', returnCodes.notAuthorized);
    }
    if (!clean && !persistence.sessions.enter(clientId, performance.now()))
      return refuse('too-many-sessions', returnCodes.serverUnavailable);
    connection.identity = identity;
    clientIds.take(clientId, identity);
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
      connection.asked = {
        clientId: packet.clientId,
        clean: packet.clean ?? true,
        willTopic: packet.will?.topic ?? null,
      };
      const keepaliveMs = (packet.keepalive ?? 0) * 1_500;
      connection.silenceMaxMs = keepaliveMs > 0 ? keepaliveMs : silenceWithoutKeepaliveMs;
      // Silence is judged here, where it is known when the socket is not read; aedes' own timer does not know.
      packet.keepalive = 0;
      done(null, true);
    },
    authenticate(client, username, password, done) {
      const connection = connectionOf(client);
      const answer = (returnCode: number) => {
        if (returnCode !== 0) return done(Object.assign(new Refused('connect'), { returnCode }), null);
        if (isConnected(client.id)) refusals.count('taken-over', client.id);
        done(null, true);
      };
      const early = earlyCode(connection);
      if (early !== 0) return answer(early);
      accessCode(connection, presentedBy(connection, username, password)).then(answer, (error: unknown) => {
        onError(error as Error);
        answer(returnCodes.serverUnavailable);
      });
    },
  };
}

const codes: Record<AccessRefusal, number> = {
  'no-credential': returnCodes.notAuthorized,
  'bad-credential': returnCodes.badUserOrPassword,
  'bad-token': returnCodes.badUserOrPassword,
  'bad-certificate': returnCodes.notAuthorized,
  revoked: returnCodes.notAuthorized,
  expired: returnCodes.notAuthorized,
};

function refusedCertificate(problem: string) {
  return { kind: 'refused', reason: 'bad-certificate', detail: `The certificate does not count: ${problem}.` } as const;
}

function presentedBy(
  { peer: { address, certificate } }: DeviceConnection,
  username: string | undefined,
  password: Buffer | undefined,
): Presented {
  return {
    address,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password: password.toString() }),
    ...(certificate === null ? {} : { certificate }),
  };
}

/** Who a client proved to be. @throws TypeError before its CONNECT was accepted. */
export function identityOf(connection: DeviceConnection): Identity {
  if (connection.identity === null) throw new TypeError('a client without an identity');
  return connection.identity;
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

/** Why a connection or packet was refused, or something was given up: counted each time, in reports and metrics. */
export const refusalReasons = {
  malformed: 'The bytes are not MQTT 3.1.1.',
  'not-connect': 'The first packet was no CONNECT, or a second one came.',
  'connect-too-large': 'The CONNECT is larger than connectBytesMax.',
  'too-large': 'The payload, topic or subscription is larger than allowed.',
  'message-rate': 'A client sent more than messagesPerSecond: its socket was not read for a while.',
  'byte-rate': 'A client sent more than bytesPerSecond: its socket was not read for a while.',
  unacknowledged:
    'A client had unacknowledgedMax publishes on their way to the log: its socket was not read for a while.',
  'topic-too-long': 'A topic is longer than topicBytesMax: taken, and set aside in the quarantine as bad-key.',
  'http-message-rate': 'A sender brought more than messagesPerSecond over HTTP; 429.',
  'http-byte-rate': 'A sender brought more than bytesPerSecond over HTTP; 429.',
  unfinished: 'Too many bytes of packets without an end are held: those who were silent longest are cut off.',
  'client-id-too-long': 'The client id is longer than clientIdBytesMax; return code 2.',
  'too-many-filters': 'A SUBSCRIBE holds more than filtersPerSubscribeMax: those beyond are refused with 0x80.',
  'connection-rate': 'An address opened more than connectionsPerSecond: closed before a byte was read.',
  'address-connections': 'An address has connectionsPerAddressMax connections open: closed before a byte was read.',
  'connect-late': 'No CONNECT within 10 s.',
  'mqtt-5': 'The client asked for MQTT 5; return code 1 tells it to use 3.1.1.',
  'client-id': 'The client id is empty without a clean session, or is not valid text; return code 2.',
  'bad-topic': 'A topic is empty, not valid UTF-8, or holds NUL.',
  'wildcard-topic': 'A publish to a topic with wildcards.',
  'reserved-topic': 'A publish to or subscription of $SYS/.',
  'command-topic': 'A publish of a client, or a will, on a topic of commands: only Millrace sends these.',
  'command-answer': 'A publish on an answer topic answers no command that waits.',
  'bad-filter': 'A subscription is not valid text.',
  busy: 'CONNECT or HTTP request while more records wait for the log than allowed; return code 3, 503.',
  'log-full': 'CONNECT or HTTP request while the log is at its hard stop; return code 3, 503.',
  'log-late': 'HTTP request while the log cannot be reached, or it did not answer in time; 503.',
  'too-many-connections': 'connectionsMax connections are open.',
  silent: 'The client was silent longer than its keepalive allows.',
  'taken-over': 'Another connection with the same client id came: the older one is closed (MQTT-3.1.4-2).',
  'qos0-dropped': 'A QoS 0 publish came while the cap on waiting records was reached.',
  'forward-dropped': 'A subscriber reads too slowly: a QoS 0 message was not forwarded to it.',
  'slow-subscriber': 'A subscriber that does not read was disconnected.',
  'retained-full': 'A retained message was not kept: the store is at its bound.',
  'session-full': 'A message for an offline session was not kept: its queue is at its bound.',
  'too-many-sessions': 'A persistent session was refused: as many as allowed are kept.',
  'too-many-subscriptions': 'A subscription was refused: the client has as many as allowed.',
  'bad-request': 'An HTTP request with mistakes; 400, 405, 415.',
  'slow-request': 'An HTTP request did not come in within ingestHttp.requestTimeout; 408.',
  'http-limit': 'HTTP requests under way, or their bytes, are at their bound; 429.',
  unauthorized: 'An HTTP request without valid credentials; 401.',
  'forbidden-topic': 'A client may not publish to that topic; 403.',
  'not-bridged': 'A bridge received a message that no filter of its configuration asks for: it is not taken in.',
  origin: 'A request or WebSocket came from a page of another origin, or for an unknown host.',
  'no-credential': 'No secret, token or certificate was shown where one is needed; return code 5.',
  'bad-credential': 'The name and secret are wrong, replaced or revoked; return code 4.',
  'bad-token': 'The token is not valid, expired, or of another issuer or audience; return code 4.',
  'bad-certificate': 'The client certificate is missing, expired, revoked or of another authority; return code 5.',
  'stolen-client-id': 'The client id is of another identity; return code 2.',
  'topic-publish': 'A publish to a topic that no rule of the client allows; its connection is closed.',
  'topic-subscribe': 'A subscription that no rule of the client allows.',
  'topic-will': 'A will on a topic that no rule of the client allows; return code 5.',
  'topic-forward': 'A message of an older subscription that no rule of the client allows any more was kept from it.',
  revoked: 'The credential or certificate of a connected client was revoked or replaced: it is disconnected.',
  expired: 'The token of a connected client expired: it is disconnected.',
  tls: 'A TLS handshake failed.',
  protocol: 'The client broke the protocol in another way.',
} as const;

export type RefusalReason = keyof typeof refusalReasons;

/** Counts refusals by reason since the start, and tells who was refused. */
export class Refusals {
  readonly #tell: ((reason: RefusalReason, who: string) => void) | null;

  readonly counts = Object.fromEntries(Object.keys(refusalReasons).map((reason) => [reason, 0])) as Record<
    RefusalReason,
    number
  >;

  /** @param tell is told of each, to log it */
  constructor(tell: ((reason: RefusalReason, who: string) => void) | null = null) {
    this.#tell = tell;
  }

  /** @param who client id, or address while there is none; empty when neither is known */
  count(reason: RefusalReason, who = ''): void {
    this.counts[reason]++;
    this.#tell?.(reason, who);
  }
}

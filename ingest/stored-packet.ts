/** A message that the broker keeps for later. Fields as aedes names them. */
export interface StoredPacket {
  readonly cmd: 'publish' | 'pubrel';
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly qos: 0 | 1 | 2;
  readonly retain: boolean;
  readonly dup: boolean;
  /** Names a message within the broker; absent in a PUBREL. */
  readonly brokerId?: string;
  readonly brokerCounter?: number;
  /** Packet identifier towards the client, once it was sent. */
  messageId?: number;
}

/** A copy of just these fields that holds no memory of the network buffer the packet came in. */
export function storedPacket(packet: StoredPacket, qos: 0 | 1 | 2 = packet.qos): StoredPacket {
  const { cmd, topic, retain, dup, brokerId, brokerCounter, messageId } = packet;
  return { cmd, topic, payload: Buffer.from(packet.payload), qos, retain, dup, brokerId, brokerCounter, messageId };
}

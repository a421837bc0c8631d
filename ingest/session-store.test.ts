import { describe, expect, it } from 'vitest';
import { SessionStore, type SessionLimits } from './session-store.ts';
import type { StoredPacket } from './stored-packet.ts';

const limits: SessionLimits = {
  sessionsMax: 2,
  sessionKeepMs: 1_000,
  subscriptionsMax: 3,
  queuedPerSessionMax: 3,
  queuedBytesMax: 100,
};

let counter = 0;
const message = (topic: string, bytes = 10): StoredPacket => ({
  cmd: 'publish',
  topic,
  payload: Buffer.alloc(bytes),
  qos: 2,
  retain: false,
  dup: false,
  brokerId: 'b',
  brokerCounter: ++counter,
});

function storeWith(...ids: string[]): SessionStore {
  const store = new SessionStore(limits);
  for (const id of ids) {
    expect(store.enter(id, 0)).toBe(true);
    store.subscribe(id, [{ topic: 'a/#', qos: 1 }]);
  }
  return store;
}

describe('sessions', () => {
  it('as many as allowed; the longest away makes room once it was away long enough', () => {
    const store = storeWith('one', 'two');
    expect(store.enter('three', 5_000)).toBe(false);
    store.leave('two', 5_000);
    store.leave('one', 5_100);
    expect(store.enter('three', 5_999)).toBe(false);
    expect(store.enter('three', 6_000)).toBe(true);
    expect(store.subscriptions('two')).toEqual([]);
    expect(store.subscriptions('one')).toEqual([{ topic: 'a/#', qos: 1 }]);
  });

  it('one that came back makes room for nobody', () => {
    const store = storeWith('one', 'two');
    store.leave('one', 0);
    store.enter('one', 1);
    expect(store.enter('three', 9_999)).toBe(false);
  });

  it('one that holds nothing is forgotten when its client leaves', () => {
    const store = new SessionStore(limits);
    store.enter('idle', 0);
    store.leave('idle', 0);
    expect(store.size).toBe(0);
  });

  it('discarded, it is wanted for nothing and its bytes are free again', () => {
    const store = storeWith('one', 'two');
    expect(store.enqueue('one', message('a/b', 100), 1)).toBe(true);
    expect(store.enqueue('two', message('a/b', 1), 1)).toBe(false);
    store.discard('one');
    expect(store.wanting('a/b').map(({ clientId }) => clientId)).toEqual(['two']);
    expect(store.enqueue('two', message('a/b', 100), 1)).toBe(true);
  });
});

describe('subscriptions', () => {
  it('a message is for a session once, with the greatest QoS it was granted', () => {
    const store = storeWith('one');
    store.subscribe('one', [
      { topic: '+/b', qos: 2 },
      { topic: 'a/b', qos: 0 },
    ]);
    expect(store.wanting('a/b')).toEqual([{ clientId: 'one', topic: 'a/b', qos: 2 }]);
    store.unsubscribe('one', ['+/b']);
    expect(store.wanting('a/b')).toEqual([{ clientId: 'one', topic: 'a/b', qos: 1 }]);
    store.subscribe('one', [{ topic: 'a/#', qos: 0 }]);
    expect(store.wanting('a/b')).toEqual([]);
  });

  it('no more than allowed', () => {
    const store = storeWith('one');
    store.subscribe(
      'one',
      ['b', 'c', 'd', 'e'].map((topic) => ({ topic, qos: 1 })),
    );
    expect(store.subscriptions('one').map(({ topic }) => topic)).toEqual(['a/#', 'b', 'c']);
  });
});

describe('a queue', () => {
  it('holds as many messages, and of all sessions as many bytes, as allowed', () => {
    const store = storeWith('one', 'two');
    expect([1, 2, 3, 4].map(() => store.enqueue('one', message('a/b', 30), 1))).toEqual([true, true, true, false]);
    expect([11, 10, 1].map((bytes) => store.enqueue('two', message('a/b', bytes), 1))).toEqual([false, true, false]);
  });

  it('never above the QoS that was granted', () => {
    const store = storeWith('one');
    store.enqueue('one', message('a/b'), 1);
    expect(store.queued('one')).toMatchObject([{ qos: 1 }]);
  });

  it('from message to PUBREL to confirmed, freeing its bytes on the way', () => {
    const store = storeWith('one');
    const big = message('a/b', 100);
    store.enqueue('one', big, 2);
    store.update('one', { ...big, messageId: 7 });
    expect(store.queued('one')).toMatchObject([{ cmd: 'publish', messageId: 7 }]);
    store.update('one', { cmd: 'pubrel', messageId: 7 } as StoredPacket);
    expect(store.queued('one')).toMatchObject([{ cmd: 'pubrel', messageId: 7 }]);
    expect(store.enqueue('one', message('a/b', 100), 2)).toBe(true);
    expect(store.confirm('one', 7)).toMatchObject({ cmd: 'pubrel' });
    expect(store.confirm('one', 7)).toBeUndefined();
    expect(store.queued('one')).toHaveLength(1);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Delivery } from '../../events/delivery.ts';
import type { NotifiedTransition } from './cloudevent.ts';
import { DeliveryQueue } from './delivery-queue.ts';

const begin = { cursor: { sequence: 10, items: 0 }, pending: [] };
const lifeUs = 1_000_000;

function transition(id: string, key = id): NotifiedTransition {
  return {
    id,
    rule: 'hot',
    key,
    device: key,
    tags: {},
    field: 't',
    from: 'ok',
    to: 'firing',
    severity: 'warning',
    value: 1,
    threshold: 0,
    timeUs: 0,
    decidedAtUs: 0,
    sinceUs: 0,
    historical: false,
    notify: 'firing',
    condition: '',
    origin: { partition: 0, sequence: 1, index: 0 },
  };
}

function recorded(id: string, outcome: Delivery['outcome'], attempt: number, nextAttemptAtUs: number | null): Delivery {
  const rest = { atUs: 0, status: null, durationMs: 0, error: '', rule: 'hot', key: id, state: 'firing' } as const;
  return { webhook: 'w', id, attempt, outcome, nextAttemptAtUs, ...rest };
}

function queueOf(...ids: (string | [id: string, key: string])[]): DeliveryQueue {
  const queue = new DeliveryQueue(100, begin);
  for (const id of ids) queue.take(typeof id === 'string' ? transition(id) : transition(...id), 0, lifeUs);
  queue.passed(11);
  return queue;
}

const started = (queue: DeliveryQueue, nowUs = 0, max = 100) =>
  queue.start(nowUs, max).map((delivery) => delivery.transition.id);

describe('DeliveryQueue', () => {
  it('deliveries of one alert keep their order, others do not wait for them', () => {
    const queue = queueOf(['a1', 'a'], ['a2', 'a'], 'b');
    expect(started(queue)).toEqual(['a1', 'b']);
    queue.retry('a1', 500);
    queue.finish('b');
    expect(started(queue, 499)).toEqual([]);
    expect(queue.nextUs()).toBe(500);
    expect(started(queue, 500)).toEqual(['a1']);
    queue.finish('a1');
    expect(started(queue, 500)).toEqual(['a2']);
  });

  it('full, the cursor waits', () => {
    const queue = new DeliveryQueue(2, begin);
    queue.take(transition('a'), 0, lifeUs);
    queue.take(null, 0, lifeUs);
    expect(queue.full).toBe(false);
    queue.take(transition('b'), 0, lifeUs);
    expect([queue.full, queue.cursor]).toEqual([true, { sequence: 10, items: 3 }]);
    queue.finish('a');
    expect(queue.full).toBe(false);
    queue.passed(11);
    expect(queue.cursor).toEqual({ sequence: 11, items: 0 });
  });

  it('starts at most as many as asked', () => expect(started(queueOf('a', 'b', 'c'), 0, 2)).toEqual(['a', 'b']));

  it('what waits too long behind an older delivery is given up, what is in flight is not', () => {
    const queue = queueOf(['a1', 'a'], ['a2', 'a']);
    started(queue);
    expect(queue.expired(lifeUs).map(({ transition: { id } }) => id)).toEqual(['a2']);
    queue.finish('a1');
    expect([queue.size, queue.nextUs()]).toEqual([0, null]);
  });

  it('restored, what was in flight is due again with its attempts', () => {
    const queue = queueOf('a', 'b');
    queue.start(0, 1);
    queue.retry('a', 700);
    started(queue, 700);
    const again = new DeliveryQueue(100, JSON.parse(JSON.stringify(queue.snapshot())));
    expect(again.start(700, 9)).toMatchObject([
      { transition: { id: 'a' }, attempts: 1 },
      { transition: { id: 'b' }, attempts: 0 },
    ]);
  });

  it('restored, attempts recorded after the state count', () => {
    const again = new DeliveryQueue(100, queueOf('a', 'b', 'c').snapshot());
    again.recorded(recorded('a', 'delivered', 1, null));
    again.recorded(recorded('b', 'retry', 2, 900));
    again.recorded(recorded('d', 'delivered', 1, null));
    again.recorded(recorded('e', 'retry', 1, 800));
    for (const id of ['d', 'e']) again.take(transition(id), 0, lifeUs);
    expect(started(again)).toEqual(['c']);
    expect(again.start(900, 9)).toMatchObject([
      { transition: { id: 'b' }, attempts: 2 },
      { transition: { id: 'e' }, attempts: 1 },
    ]);
  });

  it('whatever happens, nothing is sent twice at a time, out of order, or after it was finished', () => {
    const action = fc.oneof(
      fc.record({ do: fc.constant('take' as const), alert: fc.constantFrom('a', 'b', 'c') }),
      fc.record({ do: fc.constantFrom('start', 'retry', 'finish', 'restart') }),
    );
    fc.assert(
      fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
        let queue = new DeliveryQueue(5, begin);
        let taken = 0;
        let nowUs = 0;
        const inFlight: string[] = [];
        const finished = new Set<string>();
        const faults: string[] = [];
        for (const one of actions) {
          nowUs++;
          if (one.do === 'take' && 'alert' in one && !queue.full)
            queue.take(transition(`${one.alert}${String(++taken).padStart(3, '0')}`, one.alert), nowUs, 1e9);
          if (one.do === 'start')
            for (const id of started(queue, nowUs, 1)) {
              if (finished.has(id)) faults.push(`${id} after it was finished`);
              if (inFlight.some((other) => other[0] === id[0])) faults.push(`${id} beside another of its alert`);
              if ([...finished].some((other) => other[0] === id[0] && other > id)) faults.push(`${id} too late`);
              inFlight.push(id);
            }
          const id = one.do === 'retry' || one.do === 'finish' ? inFlight.shift() : undefined;
          if (id !== undefined && one.do === 'retry') queue.retry(id, nowUs);
          if (id !== undefined && one.do === 'finish') {
            queue.finish(id);
            finished.add(id);
          }
          if (one.do === 'restart') {
            queue = new DeliveryQueue(5, queue.snapshot());
            inFlight.length = 0;
          }
          expect(queue.size).toBeLessThanOrEqual(5);
        }
        expect(faults).toEqual([]);
      }),
    );
  });
});

import { expect, it } from 'vitest';
import { InFlight } from './in-flight.ts';

const message = (messageId: number, text = 'x') => ({ messageId, topic: 't', payload: Buffer.from(text) });

it('acknowledges in the order of arrival, whatever is stored first', () => {
  const flight = new InFlight();
  const told: number[] = [];
  const stored = [1, 2, 3].map((id) => flight.arrive(message(id), false, () => told.push(id))!);
  const zero = flight.arrive(message(0), false, null)!;
  stored[1]!();
  zero();
  expect(told).toEqual([]);
  stored[0]!();
  expect(told).toEqual([1, 2]);
  stored[2]!();
  expect(told).toEqual([1, 2, 3]);
  expect(flight.size).toBe(0);
});

it('a repeat of what is on its way still is acknowledged with that, on the connection that it came by', () => {
  const flight = new InFlight();
  const told: string[] = [];
  const stored = flight.arrive(message(1), false, () => told.push('old'))!;
  flight.disconnected();
  expect(flight.arrive(message(1), true, () => told.push('new'))).toBeNull();
  expect(flight.arrive(message(1), true, () => told.push('again'))).toBeNull();
  const next = flight.arrive(message(2), false, () => told.push('next'))!;
  next();
  expect(told).toEqual([]);
  stored();
  expect(told).toEqual(['new', 'next']);
});

it.each([
  ['another payload', message(1, 'y'), true],
  ['no repeat, but a new message of a new session', message(1), false],
])('%s under the same identifier is another message', (_, other, dup) => {
  const flight = new InFlight();
  const told: string[] = [];
  const first = flight.arrive(message(1), false, () => told.push('first'))!;
  flight.disconnected();
  const second = flight.arrive(other, dup, () => told.push('second'))!;
  second();
  first();
  // The bridge itself sends nothing for a connection that is gone.
  expect(told).toEqual(['second', 'first']);
});

it('a repeat of what is stored already goes to the log again: readers know it', () => {
  const flight = new InFlight();
  flight.arrive(message(1), false, () => undefined)!();
  expect(flight.arrive(message(1), true, () => undefined)).not.toBeNull();
});

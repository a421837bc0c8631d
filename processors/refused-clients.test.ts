import { expect, it } from 'vitest';
import { RefusedClients, refusedText } from './refused-clients.ts';

/** What is told when ingest reports these counts, each at its second. */
function told(reports: readonly (readonly [atS: number, count: number, instance?: string])[]): number[] {
  const clients = new RefusedClients();
  return reports.map(([atS, count, instance = 'ingest']) => {
    clients.note(instance, count, atS * 1_000);
    return clients.told(atS * 1_000);
  });
}

it.each([
  [
    'nobody is refused',
    [
      [0, 0],
      [10, 0],
    ],
    [0, 0],
  ],
  [
    'the others are waited for',
    [
      [0, 1],
      [4.9, 9],
      [5, 9],
    ],
    [0, 0, 9],
  ],
  [
    'some more change nothing, twice as many do',
    [
      [0, 4],
      [5, 4],
      [6, 7],
      [7, 8],
      [8, 15],
    ],
    [0, 4, 4, 8, 8],
  ],
  [
    'fewer change nothing',
    [
      [0, 9],
      [5, 9],
      [60, 1],
    ],
    [0, 9, 9],
  ],
  [
    'who tries again within 3 minutes does not begin anew',
    [
      [0, 2],
      [5, 2],
      [184, 0],
      [185, 0],
    ],
    [0, 2, 2, 0],
  ],
  [
    'after its end it begins anew',
    [
      [0, 2],
      [5, 2],
      [185, 0],
      [200, 1],
      [205, 1],
    ],
    [0, 2, 0, 0, 1],
  ],
  [
    'two ingest processes',
    [
      [0, 2],
      [0, 3, 'ingest-2'],
      [5, 2],
      [5, 3, 'ingest-2'],
    ],
    [0, 0, 5, 5],
  ],
  [
    'one of them is gone',
    [
      [0, 4, 'ingest-2'],
      [11, 1],
      [16, 1],
    ],
    [0, 1, 1],
  ],
] as const)('%s', (_, reports, expected) => expect(told(reports)).toEqual(expected));

it.each([
  [1, '1 client refused within a minute: no credential.'],
  [1000, '1,000 clients refused within a minute: no credential.'],
])('of %i', (clients, text) => expect(refusedText(clients)).toContain(text));

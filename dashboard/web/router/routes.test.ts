import fc from 'fast-check';
import { expect, it } from 'vitest';
import { devicePath, routeOf } from './routes.ts';

it.each([
  ['/', { page: 'overview' }],
  ['/devices', { page: 'devices' }],
  ['/devices/', { page: 'devices' }],
  ['/devices/plant1%2Fpress-7', { page: 'device', key: 'plant1/press-7' }],
  ['/devices/plant1/press-7', { page: 'missing' }],
  ['/devices/%', { page: 'missing' }],
  ['/alerts', { page: 'alerts' }],
  ['/alerts/x', { page: 'missing' }],
  ['/boards', { page: 'missing' }],
])('%s', (path, route) => expect(routeOf(path)).toEqual(route));

it('every device key has a path that leads back to it', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (key) => {
      expect(routeOf(devicePath(key))).toEqual({ page: 'device', key });
    }),
  );
});

import { expect, it } from 'vitest';
import { returnPath } from './return-path.ts';

it.each([
  ['', '/'],
  ['?to=%2Fdevices%2Fplant1%252Fpress-7%3Ffrom%3D-15m', '/devices/plant1%2Fpress-7?from=-15m'],
  ['?to=%2F%2Fevil.example', '/'],
  ['?to=https%3A%2F%2Fevil.example', '/'],
  ['?to=%2F%5Cevil.example', '/'],
  ['?to=%2F%09%2Fevil.example', '/'],
  ['?to=javascript%3Aalert(1)', '/'],
  ['?to=%2Fsign-in', '/'],
])('%j leads to %j', (search, path) => expect(returnPath(search)).toBe(path));

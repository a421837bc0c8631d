import { expect, it } from 'vitest';
import { groupName } from './group-name.ts';

it.each([
  [{ key: 'plant1/press-7', device: 'press-7' }, 'press-7'],
  [{ key: 'plant1/press-7', device: 'press-7', label: '' }, 'press-7'],
  [{ key: 'plant1/press-7', device: 'press-7', label: 'Big press' }, 'Big press'],
  [{ key: 'site=plant1,line=a%20b', device: '' }, 'site=plant1,line=a b'],
  [{ key: 'fleet', device: '' }, 'fleet'],
])('%j is called %s', (group, name) => expect(groupName(group)).toBe(name));

import type { Conversion } from '../../infra/config/measuring-units.ts';
import { leaveOut, type Transform } from './transform.ts';

/** `(value + before) * multiply / divide + after` of a number: conversion of units, scale and offset. */
export function linearTransform(field: string, { before, multiply, divide, after }: Conversion): Transform {
  const names = new Set([field]);
  return {
    apply(draft, tally) {
      const value = draft.fields[field];
      if (typeof value !== 'number') return 'kept';
      const result = ((value + before) * multiply) / divide + after;
      if (!Number.isFinite(result)) {
        tally.notFinite++;
        tally.fields++;
        leaveOut(draft, names);
        return 'emptied';
      }
      // + 0: minus zero is zero, as it is for everybody after MessagePack and JSON.
      draft.fields[field] = result + 0;
      return 'kept';
    },
  };
}

import { describe, expect, it } from 'vitest';
import { AddressGate } from './address-gate.ts';

const limits = { connectionsPerSecond: 10, connectionsPerAddressMax: 25, limitLoopback: false };
const verdict = (gate: AddressGate, address: string, nowMs: number) => {
  const admission = gate.admit(address, nowMs);
  return admission.kind === 'refused' ? admission.reason : admission.kind;
};
const admitted = (gate: AddressGate, address: string, count: number, nowMs: number) =>
  Array.from({ length: count }, () => verdict(gate, address, nowMs)).filter((one) => one === 'admitted').length;

describe('who may open one more connection', () => {
  it('ten at once, then ten a second; others are not touched by it', () => {
    const gate = new AddressGate(limits);
    expect(admitted(gate, '10.0.0.1', 100, 0)).toBe(10);
    expect(verdict(gate, '10.0.0.1', 0)).toBe('connection-rate');
    expect(admitted(gate, '10.0.0.2', 3, 0)).toBe(3);
    expect(admitted(gate, '10.0.0.1', 100, 500)).toBe(5);
  });

  it('one address never has more than its share open; when one leaves, one may come', () => {
    const gate = new AddressGate(limits);
    const first = gate.admit('10.0.0.1', 0);
    for (let second = 0; second < 10; second++) admitted(gate, '10.0.0.1', 10, second * 1_000);
    expect(verdict(gate, '10.0.0.1', 20_000)).toBe('address-connections');
    if (first.kind === 'admitted') first.leave();
    expect(verdict(gate, '10.0.0.1', 21_000)).toBe('admitted');
    expect(verdict(gate, '10.0.0.1', 22_000)).toBe('address-connections');
  });

  it('a /64 is one sender', () => {
    const gate = new AddressGate(limits);
    const flood = Array.from({ length: 100 }, (_, i) => verdict(gate, `2001:db8::${i.toString(16)}`, 0));
    expect(flood.filter((one) => one === 'admitted')).toHaveLength(10);
  });

  it('loopback is free unless it is said', () => {
    expect(admitted(new AddressGate(limits), '127.0.0.1', 1_000, 0)).toBe(1_000);
    expect(admitted(new AddressGate({ ...limits, limitLoopback: true }), '127.0.0.1', 1_000, 0)).toBe(10);
  });

  it('a flood of addresses is remembered within a bound, and forgotten', () => {
    const gate = new AddressGate(limits);
    const flood = Array.from({ length: 30_000 }, (_, i) => `10.1.${i >> 8}.${i & 255}`);
    const admissions = flood.map((address) => gate.admit(address, 0)).filter(({ kind }) => kind === 'admitted');
    expect(admissions).toHaveLength(20_010);
    expect(admitted(gate, '10.2.0.1', 20, 0)).toBe(0);
    for (const admission of admissions) if (admission.kind === 'admitted') admission.leave();
    gate.sweep(2_000);
    expect(admitted(gate, '10.2.0.1', 20, 2_000)).toBe(10);
  });
});

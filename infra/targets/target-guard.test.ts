import type { LookupAddress } from 'node:dns';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { allowedNetworks, createTargetGuard, type ResolveAll } from './target-guard.ts';

const none = createTargetGuard([]);
const refused = /which is not a public address/;

describe('addresses in the URL', () => {
  it.each([
    'http://127.0.0.1/',
    'http://127.1/',
    'http://0x7f000001/',
    'http://0x7f.1/',
    'http://2130706433/',
    'http://017700000001/',
    'http://127.0.0.1./',
    'http://0.0.0.0/',
    'http://0/',
    'http://10.1.2.3/',
    'http://172.16.0.1/',
    'http://192.168.1.1/',
    'http://169.254.169.254/latest/meta-data/',
    'http://100.64.0.1/',
    'http://192.0.0.8/',
    'http://198.18.0.1/',
    'http://224.0.0.1/',
    'http://240.0.0.1/',
    'http://255.255.255.255/',
    'http://[::1]/',
    'http://[::]/',
    'http://[::ffff:127.0.0.1]/',
    'http://[::ffff:7f00:1]/',
    'http://[::127.0.0.1]/',
    'http://[64:ff9b::7f00:1]/',
    'http://[2002:7f00:1::]/',
    'http://[2001::1]/',
    'http://[fc00::1]/',
    'http://[fd00::1]/',
    'http://[fe80::1]/',
    'http://[fec0::1]/',
    'http://[ff02::1]/',
    'http://[4000::1]/',
    'http://user:pass@127.0.0.1:8080/',
    'http://①②⑦.⓪.⓪.①/',
  ])('%s is refused', (url) => expect(none.refusal(url)).toMatch(refused));

  it.each(['http://93.184.215.14/', 'https://[2606:2800:21f:cb07:6820:80da:af6b:8b2c]/', 'https://example.com/x'])(
    '%s is not',
    (url) => expect(none.refusal(url)).toBeNull(),
  );

  it.each(['ftp://93.184.215.14/', 'file:///etc/passwd', 'not an address', ''])('%j is no target at all', (url) =>
    expect(none.refusal(url)).toMatch(/is no http/),
  );

  it('networks that are allowed', () => {
    const guard = createTargetGuard(['127.0.0.0/8', '10.2.0.0/16', 'fd12::/16']);
    const allowed = [
      'http://127.0.0.1/',
      'http://127.1:99/',
      'http://10.2.255.1/',
      'http://[fd12::5]/',
      'http://[::ffff:10.2.0.1]/',
    ];
    for (const url of allowed) expect(guard.refusal(url)).toBeNull();
    for (const url of ['http://10.3.0.1/', 'http://[::1]/', 'http://[fd13::5]/'])
      expect(guard.refusal(url)).toMatch(refused);
  });
});

describe('names', () => {
  const resolving = (...answers: readonly (readonly string[])[]): ResolveAll => {
    let call = 0;
    return (_hostname, _options, callback) => {
      const answer = answers[Math.min(call++, answers.length - 1)]!;
      callback(
        null,
        answer.map((address): LookupAddress => ({ address, family: address.includes(':') ? 6 : 4 })),
      );
    };
  };
  const lookUp = async (guard: ReturnType<typeof createTargetGuard>) =>
    promisify(guard.lookup)('hooks.example.com', { all: true });

  it('a public name resolves to its addresses', async () => {
    const guard = createTargetGuard([], resolving(['93.184.215.14', '2606:2800:21f:cb07::1']));
    expect(await lookUp(guard)).toHaveLength(2);
  });

  it.each([[['127.0.0.1']], [['93.184.215.14', '10.0.0.1']], [['::ffff:169.254.169.254']], [['fe80::1%eth0']]])(
    'one that resolves to %j is refused',
    async (addresses) => {
      const guard = createTargetGuard([], resolving(addresses));
      await expect(lookUp(guard)).rejects.toMatchObject({ code: 'TARGET_REFUSED' });
    },
  );

  it('one that resolves public first and private second is refused the second time', async () => {
    const guard = createTargetGuard([], resolving(['93.184.215.14'], ['127.0.0.1']));
    expect(await lookUp(guard)).toHaveLength(1);
    await expect(lookUp(guard)).rejects.toMatchObject({ code: 'TARGET_REFUSED' });
  });

  it("the system's resolver is asked: localhost is refused, or allowed with its network", async () => {
    const find = (guard: ReturnType<typeof createTargetGuard>) => promisify(guard.lookup)('localhost', { all: true });
    await expect(find(none)).rejects.toMatchObject({ code: 'TARGET_REFUSED' });
    expect(await find(createTargetGuard(['127.0.0.0/8', '::1/128']))).not.toEqual([]);
  });
});

it.each([
  [undefined, '127.0.0.1', ['127.0.0.0/8', '::1/128']],
  [undefined, '::1', ['127.0.0.0/8', '::1/128']],
  [undefined, 'localhost', ['127.0.0.0/8', '::1/128']],
  [undefined, '0.0.0.0', []],
  [undefined, '192.168.1.5', []],
  [['10.0.0.0/8'], '127.0.0.1', ['10.0.0.0/8']],
  [[], '127.0.0.1', []],
])('webhookNetworks %j with HTTP on %s', (webhookNetworks, host, expected) =>
  expect(allowedNetworks({ webhookNetworks, http: { host } })).toEqual(expected),
);

import { expect, test } from 'vitest';
import { parseDeb822, parseOneLine } from './apt-sources.ts';
import { serverSuites } from './debian-suites.ts';

const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';

test('one-line sources: options, comments, several components', () => {
  const text = `# a comment
deb http://mirror.example/debian bookworm main contrib # why
deb [arch=amd64 signed-by=${keyring}] https://mirror.example/debian trixie main
deb-src http://mirror.example/debian bookworm main`;
  expect(parseOneLine(text)).toEqual([
    { uri: 'http://mirror.example/debian', suites: ['bookworm'], components: ['main', 'contrib'] },
    { uri: 'https://mirror.example/debian', suites: ['trixie'], components: ['main'], signedBy: keyring },
  ]);
});

test('deb822 sources: comments within, continued and disabled paragraphs, inline keys', () => {
  const text = `Types: deb deb-src
# http://old.example/
URIs: http://mirror.example/debian
Suites: bookworm
 bookworm-updates
Components: main
Signed-By: ${keyring}

Enabled: no
Types: deb
URIs: http://other.example
Suites: x

Types: deb
URIs: http://a.example http://b.example
Suites: stable
Components: main
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 -----END PGP PUBLIC KEY BLOCK-----`;
  expect(parseDeb822(text)).toEqual([
    {
      uri: 'http://mirror.example/debian',
      suites: ['bookworm', 'bookworm-updates'],
      components: ['main'],
      signedBy: keyring,
    },
    { uri: 'http://a.example', suites: ['stable'], components: ['main'], signedBy: undefined },
    { uri: 'http://b.example', suites: ['stable'], components: ['main'], signedBy: undefined },
  ]);
});

const security = {
  uri: 'http://mirror.example/debian-security',
  suites: ['bookworm-security'],
  components: ['main'],
};
const ubuntu = { uri: 'http://mirror.example/ubuntu', suites: ['noble', 'noble-updates'], components: ['main'] };

test.each([
  [
    'the machine’s own mirror',
    [security, { uri: 'http://mirror.example/debian', suites: ['bookworm'], components: [] }],
    'http://mirror.example/debian',
    ['sid', 'trixie', 'bookworm'],
  ],
  ['Ubuntu', [ubuntu], 'http://mirror.example/ubuntu', ['noble']],
])('suites for servers: %s', (_, machine, uri, suites) => {
  const found = serverSuites(machine, () => true);
  expect(found.map((source) => source.uri)).toEqual(suites.map(() => uri));
  expect(found.flatMap((source) => source.suites)).toEqual(suites);
  expect(found.every((source) => source.signedBy?.endsWith('.gpg'))).toBe(true);
});

test('no sources at all: nowhere to look', () => expect(serverSuites([], () => true)).toEqual([]));

test('nothing that cannot be verified', () => expect(serverSuites([ubuntu], () => false)).toEqual([]));

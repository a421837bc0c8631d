import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One line's worth of an apt source: where the packages of some suites are, and which key signs them. */
export interface AptSource {
  uri: string;
  suites: string[];
  components: string[];
  /** Path of a keyring; absent where the machine leaves it to its trusted keys. */
  signedBy?: string;
}

/** The binary package sources that this machine's apt uses, from both of apt's formats. */
export function readMachineSources(directory = '/etc/apt'): AptSource[] {
  const parts = join(directory, 'sources.list.d');
  const files = [join(directory, 'sources.list')];
  if (existsSync(parts)) files.push(...readdirSync(parts).map((name) => join(parts, name)));
  return files.flatMap((file) => {
    if (!existsSync(file)) return [];
    if (file.endsWith('.list')) return parseOneLine(readFileSync(file, 'utf8'));
    if (file.endsWith('.sources')) return parseDeb822(readFileSync(file, 'utf8'));
    return [];
  });
}

/** `deb [option=value ...] uri suite component...`, one source a line (sources.list(5)). */
export function parseOneLine(text: string): AptSource[] {
  return text.split('\n').flatMap((line) => {
    const match = /^\s*deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s*(.*)$/.exec(line.replace(/#.*/, ''));
    if (!match) return [];
    const [, options = '', uri, suite, components] = match;
    const signedBy = /(?:^|\s)signed-by=(\S+)/i.exec(options)?.[1];
    return [{ uri: uri!, suites: [suite!], components: words(components), signedBy: keyringPath(signedBy) }];
  });
}

/** Paragraphs of `Key: value` lines, continued by lines that begin with a space. */
export function parseDeb822(text: string): AptSource[] {
  return text.split(/\n\s*\n/).flatMap((paragraph) => {
    const fields = new Map<string, string>();
    let key = '';
    for (const line of paragraph.split('\n')) {
      if (line.startsWith('#')) continue;
      const start = /^([A-Za-z-]+):\s*(.*)$/.exec(line);
      if (start) key = start[1]!.toLowerCase();
      if (key) fields.set(key, start ? start[2]! : `${fields.get(key)}\n${line.trim()}`);
    }
    if (!words(fields.get('types')).includes('deb') || /^(no|false|0)$/i.test(fields.get('enabled') ?? '')) return [];
    const suites = words(fields.get('suites'));
    const components = words(fields.get('components'));
    const signedBy = keyringPath(fields.get('signed-by'));
    return words(fields.get('uris')).map((uri) => ({ uri, suites, components, signedBy }));
  });
}

function words(text = ''): string[] {
  return text.split(/\s+/).filter(Boolean);
}

/** `Signed-By` may also hold a key's text or fingerprint, which is of no use in a list of our own. */
function keyringPath(value?: string): string | undefined {
  return value?.startsWith('/') && !value.includes('\n') ? value : undefined;
}

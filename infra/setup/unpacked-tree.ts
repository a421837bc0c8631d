import { existsSync } from 'node:fs';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The environment in which a program of the tree finds the libraries and fonts that came with it. */
export async function unpackedEnvironment(tree: string): Promise<Record<string, string>> {
  const libraries = new Set<string>();
  for (const top of ['lib', 'usr/lib']) {
    if (!existsSync(join(tree, top))) continue;
    for (const entry of await readdir(join(tree, top), { recursive: true, withFileTypes: true })) {
      if (/^lib.*\.so(\.|$)/.test(entry.name)) libraries.add(entry.parentPath);
    }
  }
  const env: Record<string, string> = {};
  if (libraries.size > 0) env.LD_LIBRARY_PATH = [...libraries].join(':');
  if (existsSync(join(tree, 'usr/share/fonts'))) env.FONTCONFIG_FILE = await writeFontConfiguration(tree);
  return env;
}

/** The packages' own fonts.conf names absolute paths; without any font Chromium draws no text. */
async function writeFontConfiguration(tree: string): Promise<string> {
  const path = join(tree, 'fonts.conf');
  await writeFile(
    path,
    `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${join(tree, 'usr/share/fonts')}</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir>${join(tree, 'font-cache')}</cachedir>
</fontconfig>
`,
  );
  return path;
}

import { isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml';
import type { ConfigPath, Problem } from './problem.ts';

/** A configuration file as data, with the line that each part of it stands on. */
export interface YamlSource {
  readonly value: unknown;
  readonly problems: readonly Problem[];
  /** The line of the value, of the unknown key, or of the nearest thing around a missing one. */
  lineOf(path: ConfigPath): number | undefined;
}

export function parseYaml(text: string): YamlSource {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, prettyErrors: false, merge: true });
  const lineAt = (offset: number) => lineCounter.linePos(offset).line;
  const problems = document.errors.map(({ message, pos }) => ({
    at: '',
    message: lowerFirst(message),
    line: lineAt(pos[0]),
  }));

  function lineOf(path: ConfigPath): number | undefined {
    for (let length = path.length; length > 0; length--) {
      const parent = document.getIn(path.slice(0, length - 1), true);
      if (!isMap(parent)) {
        const node = document.getIn(path.slice(0, length), true);
        if (isNode(node) && node.range) return lineAt(node.range[0]);
        continue;
      }
      const pair = parent.items.find(({ key }) => isScalar(key) && key.value === path[length - 1]);
      if (pair && isNode(pair.key) && pair.key.range) return lineAt(pair.key.range[0]);
    }
    return undefined;
  }
  return { value: problems.length > 0 ? {} : (document.toJS() as unknown), problems, lineOf };
}

function lowerFirst(text: string): string {
  return text.slice(0, 1).toLowerCase() + text.slice(1);
}

import type jsep from 'jsep';

const shownCharsMax = 60;

/** A part of an expression as it may have been written, for messages; long ones are cut. */
export function sourceOf(node: jsep.Expression): string {
  const text = write(node);
  return text.length > shownCharsMax ? `${text.slice(0, shownCharsMax)}...` : text;
}

function write(node: jsep.Expression): string {
  const known = node as jsep.CoreExpression;
  switch (known.type) {
    case 'Literal':
      return known.raw;
    case 'Identifier':
      return known.name;
    case 'MemberExpression': {
      const [object, property] = [write(known.object), write(known.property)];
      return known.computed ? `${object}[${property}]` : `${object}.${property}`;
    }
    case 'UnaryExpression':
      return known.operator + write(known.argument);
    case 'BinaryExpression':
      return `(${write(known.left)} ${known.operator} ${write(known.right)})`;
    case 'ConditionalExpression':
      return `(${write(known.test)} ? ${write(known.consequent)} : ${write(known.alternate)})`;
    case 'CallExpression':
      return `${write(known.callee)}(${list(known.arguments)})`;
    case 'ArrayExpression':
      return `[${list(known.elements)}]`;
    case 'SequenceExpression':
      return list(known.expressions);
    case 'ThisExpression':
      return 'this';
    case 'Compound':
      return list(known.body);
  }
}

function list(nodes: readonly (jsep.Expression | null)[]): string {
  return nodes.map((node) => (node === null ? '' : write(node))).join(', ');
}

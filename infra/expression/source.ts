import type jsep from 'jsep';

const shownCharsMax = 60;

/** A part of an expression as it may have been written, for messages; long ones are cut. */
export function sourceOf(node: jsep.Expression): string {
  const text = write(node);
  return text.length > shownCharsMax ? `${text.slice(0, shownCharsMax)}...` : text;
}

function write(node: jsep.Expression): string {
  const child = (key: string) => write(node[key] as jsep.Expression);
  const list = (key: string) =>
    (node[key] as (jsep.Expression | null)[]).map((one) => (one ? write(one) : '')).join(', ');
  switch (node.type) {
    case 'Literal':
      return String(node['raw']);
    case 'Identifier':
      return String(node['name']);
    case 'MemberExpression':
      return node['computed'] === true
        ? `${child('object')}[${child('property')}]`
        : `${child('object')}.${child('property')}`;
    case 'UnaryExpression':
      return `${String(node['operator'])}${child('argument')}`;
    case 'BinaryExpression':
      return `(${child('left')} ${String(node['operator'])} ${child('right')})`;
    case 'ConditionalExpression':
      return `(${child('test')} ? ${child('consequent')} : ${child('alternate')})`;
    case 'CallExpression':
      return `${child('callee')}(${list('arguments')})`;
    case 'ArrayExpression':
      return `[${list('elements')}]`;
    case 'SequenceExpression':
      return list('expressions');
    case 'ThisExpression':
      return 'this';
    default:
      return node.type;
  }
}

import assert from 'node:assert/strict';

/** An element of a checked document. */
export interface XmlElement {
  name: string;
  attributes: Record<string, string>;
  /** Character data directly inside, entities resolved. */
  text: string;
}

const TOKEN = /<(\/?)([A-Za-z][\w:.-]*)((?:\s+[\w:.-]+="[^"<]*")*)\s*(\/?)>|([^<]+)/y;
const ENTITY = /&(amp|lt|gt|quot|#39);/g;
const NAMES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };

function unescape(text: string): string {
  assert.doesNotMatch(text.replace(ENTITY, ''), /&/, 'a bare ampersand');
  return text.replace(ENTITY, (_, name: string) => NAMES[name]!);
}

function parseAttributes(source: string): Record<string, string> {
  const attributes: Record<string, string> = {};
  for (const [, name, value] of source.matchAll(/([\w:.-]+)="([^"]*)"/g)) {
    assert.ok(!(name! in attributes), `attribute ${name} twice`);
    attributes[name!] = unescape(value!);
  }
  return attributes;
}

/**
 * Asserts that a document is well-formed XML of the plain kind that charts need (no CDATA, comments or
 * declarations) with nothing that XML forbids, and lists its elements in document order.
 */
export function parseXml(source: string): XmlElement[] {
  // eslint-disable-next-line no-control-regex
  assert.doesNotMatch(source, /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|NaN|Infinity|undefined/);
  const elements: XmlElement[] = [];
  const open: XmlElement[] = [];
  TOKEN.lastIndex = 0;
  const text = source.trimEnd();
  while (TOKEN.lastIndex < text.length) {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    assert.ok(match, `not well-formed at ${at}: ${text.slice(at, at + 60)}`);
    const [, closing, name, attributes, empty, data] = match;
    if (data !== undefined) open.at(-1)!.text += unescape(data);
    else if (closing === '/') assert.equal(open.pop()?.name, name, `</${name}> at ${at}`);
    else {
      assert.ok(open.length > 0 || elements.length === 0, 'a second root element');
      const element = { name: name!, attributes: parseAttributes(attributes!), text: '' };
      elements.push(element);
      if (empty === '') open.push(element);
    }
  }
  assert.deepEqual(open, [], 'elements left open');
  return elements;
}

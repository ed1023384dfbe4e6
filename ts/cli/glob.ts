/** Glob patterns for shells that do not expand them: `*`, `?`, `[a-z]`, `{a,b}` and `**` for any depth. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

const MAGIC = /[*?[\]{}]/;

export function isGlob(path: string): boolean {
  return MAGIC.test(path);
}

/** `a{b,c}d` -> `abd`, `acd`; nested braces too. A brace without a comma stands for itself. */
export function expandBraces(pattern: string): string[] {
  let depth = 0;
  let start = -1;
  let cuts: number[] = [];
  for (let i = 0; i < pattern.length; i++) {
    const character = pattern[i];
    if (character === '{' && depth++ === 0) {
      start = i;
      cuts = [];
    } else if (character === ',' && depth === 1) {
      cuts.push(i);
    } else if (character === '}' && depth > 0 && --depth === 0 && cuts.length > 0) {
      const edges = [start, ...cuts, i];
      const choices = edges.slice(1).map((end, k) => pattern.slice(edges[k]! + 1, end));
      return choices.flatMap((text) =>
        expandBraces(pattern.slice(0, start) + text + pattern.slice(i + 1)),
      );
    }
  }
  return [pattern];
}

function classToRegExp(body: string): string {
  const negated = body.startsWith('!') || body.startsWith('^');
  return `[${negated ? '^' : ''}${(negated ? body.slice(1) : body).replace(/[\\[\]^]/g, '\\$&')}]`;
}

const escaped = (text: string): string => text.replace(/[.*?+^${}()|[\]\\/]/g, '\\$&');

function expressionOf(source: string): RegExp | undefined {
  try {
    return new RegExp(source, 'u');
  } catch {
    return undefined;
  }
}

/** One path segment as a regular expression; a leading dot must be asked for. A class such as [b-a] stands for itself. */
export function segmentToRegExp(segment: string): RegExp {
  const source = segment.replace(/\[(.[^\]]*)\]|[\s\S]/g, (token, body: string | undefined) => {
    if (body !== undefined) return classToRegExp(body);
    if (token === '*') return '[^/]*';
    if (token === '?') return '[^/]';
    return escaped(token);
  });
  return expressionOf(`^${segment.startsWith('.') ? '' : '(?!\\.)'}${source}$`) ?? new RegExp(`^${escaped(segment)}$`, 'u');
}

interface Entry {
  name: string;
  folder: boolean;
}

async function entries(folder: string): Promise<Entry[]> {
  try {
    const found = await readdir(folder || '.', { withFileTypes: true });
    // A link may be a folder: the next segment's readdir finds out. `**` does not follow links.
    return found.map((entry) => ({ name: entry.name, folder: entry.isDirectory() }));
  } catch {
    return [];
  }
}

async function matchFrom(
  base: string,
  segments: readonly string[],
  found: Set<string>,
): Promise<void> {
  const [segment, ...rest] = segments;
  if (segment === undefined) return;
  if (segment === '**') {
    await matchFrom(base, rest.length > 0 ? rest : ['*'], found);
    for (const { name, folder } of await entries(base)) {
      if (folder && !name.startsWith('.')) await matchFrom(join(base, name), segments, found);
    }
    return;
  }
  if (rest.length > 0 && !isGlob(segment)) return matchFrom(join(base, segment), rest, found);
  const pattern = segmentToRegExp(segment);
  for (const { name } of await entries(base)) {
    if (!pattern.test(name)) continue;
    if (rest.length > 0) await matchFrom(join(base, name), rest, found);
    else found.add(join(base, name));
  }
}

/** The paths that match, sorted; folders may be among them. */
export async function glob(pattern: string): Promise<string[]> {
  const found = new Set<string>();
  for (const single of expandBraces(pattern)) {
    const absolute = single.startsWith('/');
    await matchFrom(
      absolute ? '/' : '',
      single.split('/').filter((part) => part !== ''),
      found,
    );
  }
  return [...found].sort();
}

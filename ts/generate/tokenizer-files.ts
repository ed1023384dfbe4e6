/**
 * The files of a CLIP tokenizer folder: vocab.json, merges.txt, special_tokens_map.json and tokenizer_config.json, or
 * the one tokenizer.json that newer versions of transformers write in place of the first two.
 */
import { readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Fields } from '../detect/json-fields.js';
import { readJsonFile } from '../detect/read-json.js';
import { DeepcodeError } from '../errors.js';

export type Vocabulary = Readonly<Record<string, number>>;

/** A token that is one piece wherever a text has it. */
export interface SpecialToken {
  content: string;
  /** It is looked for after the text was put in lower case, and not before. */
  normalized: boolean;
}

export interface TokenizerFiles {
  vocabulary: Vocabulary;
  /** Pairs of tokens, the first to be joined first. */
  merges: readonly (readonly [string, string])[];
  special: Readonly<Record<'bos' | 'eos' | 'unk' | 'pad', SpecialToken>>;
  /** The longest sequence, start and end included. */
  maxLength: number;
}

const ROLES = ['bos', 'eos', 'unk', 'pad'] as const;
const END = '<|endoftext|>';
const DEFAULTS = { bos: '<|startoftext|>', eos: END, unk: END, pad: END } as const;

/** What Stable Diffusion's text encoders read; also the fallback for a file that says none or "infinite". */
const LONGEST = 77;

/** Far above every published vocabulary (49,408), so that a file cannot ask for memory without end. */
const MAX_TOKENS = 1_000_000;

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

const refuse = (where: string, reason: string): DeepcodeError =>
  new DeepcodeError('ERR_CONFIG', `${where}: ${reason}.`);

/** Every id from 0 on once. */
function checkVocabulary(value: unknown, where: string): Vocabulary {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw refuse(where, 'expected tokens with their ids');
  const ids: unknown[] = Object.values(value);
  if (ids.length === 0 || ids.length > MAX_TOKENS)
    throw refuse(where, `expected 1 to ${MAX_TOKENS} tokens but found ${ids.length}`);
  const fits = (id: unknown): id is number =>
    Number.isInteger(id) && (id as number) >= 0 && (id as number) < MAX_TOKENS;
  if (!ids.every(fits) || new Set(ids).size !== ids.length)
    throw refuse(where, 'expected another id of at least 0 for every token');
  return value as Vocabulary;
}

function checkMerges(lines: readonly unknown[], vocabulary: Vocabulary, where: string): TokenizerFiles['merges'] {
  return lines.map((line, i) => {
    const pair: unknown = typeof line === 'string' ? line.split(' ') : line;
    if (!Array.isArray(pair) || pair.length !== 2 || !pair.every((part) => typeof part === 'string' && part !== '')) {
      throw refuse(where, `expected two tokens for merge ${i + 1}`);
    }
    const [left, right] = pair as [string, string];
    const missing = [left, right, left + right].find((token) => !Object.hasOwn(vocabulary, token));
    if (missing !== undefined)
      throw refuse(where, `merge ${i + 1} needs ${JSON.stringify(missing.slice(0, 40))}, which is no token`);
    return [left, right] as const;
  });
}

/** A token as a config has it: its text, or an object around it. Texts are looked for as they stand. */
function tokenOf(fields: Fields, name: string): SpecialToken | undefined {
  const value = fields.raw(name) ?? undefined;
  if (value === undefined) return undefined;
  if (typeof value === 'string') return { content: value, normalized: false };
  const token = fields.object(name);
  return { content: token.text('content'), normalized: token.raw('normalized') === true };
}

function specialTokens(config: Fields, map: Fields, vocabulary: Vocabulary, where: string): TokenizerFiles['special'] {
  const found = ROLES.map((role): [string, SpecialToken] => {
    const name = `${role}_token`;
    const token = tokenOf(map, name) ?? tokenOf(config, name) ?? { content: DEFAULTS[role], normalized: true };
    if (!Object.hasOwn(vocabulary, token.content))
      throw refuse(where, `the vocabulary lacks ${name} ${JSON.stringify(token.content.slice(0, 40))}`);
    return [role, token];
  });
  return Object.fromEntries(found) as TokenizerFiles['special'];
}

function maxLengthOf(config: Fields): number {
  const value = config.raw('model_max_length');
  return typeof value === 'number' && Number.isInteger(value) && value >= 2 && value < LONGEST ? value : LONGEST;
}

async function optionalFields(folder: string, name: string): Promise<Fields> {
  const where = join(basename(folder), name);
  const path = join(folder, name);
  return new Fields((await exists(path)) ? await readJsonFile(path, where) : {}, where);
}

async function readLines(path: string, where: string): Promise<string[]> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new DeepcodeError('ERR_IO', `${where} cannot be read: ${(error as NodeJS.ErrnoException).code}.`, {
      cause: error,
    });
  });
  return text.split('\n').filter((line, i) => line !== '' && !(i === 0 && line.startsWith('#version')));
}

export type BytePairs = Pick<TokenizerFiles, 'vocabulary' | 'merges'>;

/**
 * vocab.json and merges.txt, or the tokenizer.json that holds both.
 *
 * @throws DeepcodeError ERR_IO for a file that is missing, ERR_CONFIG for what is no byte-pair encoding
 */
export async function readBytePairs(folder: string): Promise<BytePairs> {
  const place = (name: string): [string, string] => [join(folder, name), join(basename(folder), name)];
  const [whole, wholeName] = place('tokenizer.json');
  const [vocab, vocabName] = place('vocab.json');
  if (!(await exists(vocab)) && (await exists(whole))) {
    const model = new Fields(await readJsonFile(whole, wholeName), wholeName).object('model');
    const merges = model.raw('merges');
    if (!Array.isArray(merges)) throw model.refuse('merges', 'a list');
    const vocabulary = checkVocabulary(model.raw('vocab'), wholeName);
    return { vocabulary, merges: checkMerges(merges, vocabulary, wholeName) };
  }
  const vocabulary = checkVocabulary(await readJsonFile(vocab, vocabName), vocabName);
  const [merges, mergesName] = place('merges.txt');
  return { vocabulary, merges: checkMerges(await readLines(merges, mergesName), vocabulary, mergesName) };
}

/** @throws DeepcodeError ERR_IO for a file that is missing, ERR_CONFIG for what is no CLIP tokenizer */
export async function readTokenizerFiles(folder: string): Promise<TokenizerFiles> {
  const model = await readBytePairs(folder);
  const config = await optionalFields(folder, 'tokenizer_config.json');
  const map = await optionalFields(folder, 'special_tokens_map.json');
  return {
    ...model,
    special: specialTokens(config, map, model.vocabulary, basename(folder)),
    maxLength: maxLengthOf(config),
  };
}

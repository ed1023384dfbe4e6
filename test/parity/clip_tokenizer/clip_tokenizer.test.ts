import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ClipTokenizer } from '../../../ts/generate/tokenizer.js';
import { sharedPath } from '../../support/shared.js';
import { useTemporaryFolder } from '../../support/temporary-folder.js';

interface Row {
  length: number;
  ids: number[];
  rest?: string;
}
interface Encoded {
  pad: number;
  rows: Row[];
}
type Real = Encoded & { exclamation: { pad: number; changed: Record<string, Row> } };

const SMALL = join(__dirname, 'small');
const read = (name: string): unknown => JSON.parse(readFileSync(join(__dirname, name), 'utf8'));
const PROMPTS = read('prompts.json') as string[];

function realVocabulary(test: Mocha.Context): string {
  const folder = sharedPath('models/vocab/clip');
  if (folder !== undefined) return folder;
  test.test!.skipReason = 'shared/models/vocab/clip is absent';
  return test.skip();
}

function check(tokenizer: ClipTokenizer, pad: number, rowOf: (i: number) => Row): void {
  assert.equal(PROMPTS.length, 200);
  for (const [i, prompt] of PROMPTS.entries()) {
    const expected = rowOf(i);
    const { ids, tokens, truncated } = tokenizer.encode(prompt);
    const padded = [...expected.ids, ...Array<number>(77 - expected.ids.length).fill(pad)];
    assert.deepEqual([...ids], padded, `prompt ${i}: ${prompt.slice(0, 60)}`);
    assert.equal(tokens, expected.length - 2);
    assert.equal(truncated, expected.rest ?? '');
  }
}

describe("CLIP's tokenizer against transformers", () => {
  const temporary = useTemporaryFolder();

  it('gives the ids of 200 prompts with a made-up vocabulary', async () => {
    const { pad, rows } = read('small.json') as Encoded;
    check(await ClipTokenizer.load(SMALL), pad, (i) => rows[i]!);
  });

  it('gives the ids of 200 prompts with the real vocabulary', async function () {
    const folder = realVocabulary(this);
    const { pad, rows } = read('real.json') as Real;
    const tokenizer = await ClipTokenizer.load(folder);
    assert.equal(tokenizer.vocabularySize, 49408);
    check(tokenizer, pad, (i) => rows[i]!);
  });

  it('pads with "!" where the files say so, as those of Stable Diffusion 2 do', async function () {
    const folder = realVocabulary(this);
    const { rows, exclamation } = read('real.json') as Real;
    const padded = copyOf(temporary('tokenizer'), folder, (name, text) =>
      name === 'special_tokens_map.json' ? JSON.stringify({ ...(JSON.parse(text) as object), pad_token: '!' }) : text,
    );
    assert.equal(exclamation.pad, 0);
    check(await ClipTokenizer.load(padded), exclamation.pad, (i) => exclamation.changed[i] ?? rows[i]!);
  });
});

const FILES = ['vocab.json', 'merges.txt', 'special_tokens_map.json', 'tokenizer_config.json'];

/** A tokenizer folder with the files of another one after `change`; undefined leaves a file out. */
function copyOf(folder: string, source: string, change: (name: string, text: string) => string | undefined): string {
  mkdirSync(folder);
  for (const name of FILES) {
    const text = change(name, readFileSync(join(source, name), 'utf8'));
    if (text !== undefined) writeFileSync(join(folder, name), text);
  }
  return folder;
}

describe('the files of a tokenizer', () => {
  let copies = 0;
  const temporary = useTemporaryFolder();
  const changed = (file: string, text: string | undefined) =>
    copyOf(temporary(String(copies++)), SMALL, (name, old) => (name === file ? text : old));

  it('may be one tokenizer.json', async () => {
    const folder = copyOf(temporary('one'), SMALL, (name, text) =>
      name === 'vocab.json' || name === 'merges.txt' ? undefined : text,
    );
    const merges = readFileSync(join(SMALL, 'merges.txt'), 'utf8').split('\n').slice(1, -1);
    const vocab = JSON.parse(readFileSync(join(SMALL, 'vocab.json'), 'utf8')) as unknown;
    for (const form of [merges, merges.map((line) => line.split(' '))]) {
      writeFileSync(join(folder, 'tokenizer.json'), JSON.stringify({ model: { type: 'BPE', vocab, merges: form } }));
      const [one, other] = [await ClipTokenizer.load(folder), await ClipTokenizer.load(SMALL)];
      assert.deepEqual(one.encode('the cat and the face!'), other.encode('the cat and the face!'));
    }
  });

  it('may say a shorter length, and no longer one than 77', async () => {
    const lengthOf = async (value: unknown): Promise<number> => {
      const { ids } = (
        await ClipTokenizer.load(changed('tokenizer_config.json', JSON.stringify({ model_max_length: value })))
      ).encode('the');
      return ids.length;
    };
    assert.equal(await lengthOf(16), 16);
    assert.equal(await lengthOf(1e30), 77);
    assert.equal(await lengthOf(null), 77);
  });

  for (const [what, file, text, code] of [
    ['no vocabulary', 'vocab.json', undefined, 'ERR_IO'],
    ['no merges', 'merges.txt', undefined, 'ERR_IO'],
    ['a vocabulary that is no JSON', 'vocab.json', '{', 'ERR_CONFIG'],
    ['a vocabulary that is a list', 'vocab.json', '[]', 'ERR_CONFIG'],
    ['an empty vocabulary', 'vocab.json', '{}', 'ERR_CONFIG'],
    ['an id twice', 'vocab.json', '{"a":0,"b":0}', 'ERR_CONFIG'],
    ['an id of text', 'vocab.json', '{"a":"0"}', 'ERR_CONFIG'],
    ['a vocabulary without special tokens', 'vocab.json', '{"a":0,"b":1}', 'ERR_CONFIG'],
    ['a merge of one token', 'merges.txt', '#version: 0.2\nt\n', 'ERR_CONFIG'],
    ['a merge of three tokens', 'merges.txt', 't h e\n', 'ERR_CONFIG'],
    ['a merge to no token', 'merges.txt', 'z z\n', 'ERR_CONFIG'],
    ['a special token that is no token', 'special_tokens_map.json', '{"pad_token":"no such"}', 'ERR_CONFIG'],
    ['a special token that is a number', 'special_tokens_map.json', '{"pad_token":7}', 'ERR_CONFIG'],
  ] as const) {
    it(`are refused: ${what}`, async () => {
      await assert.rejects(ClipTokenizer.load(changed(file, text)), (error: Error & { code?: string }) => {
        assert.equal(error.code, code);
        assert.ok(error.message.length <= 300);
        return true;
      });
    });
  }
});

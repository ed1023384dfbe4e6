import assert from 'node:assert/strict';
import { join } from 'node:path';
import { buildPrompt, PROMPT_TEMPLATES, type PromptOptions, type PromptSubject } from '../../../../ts/generate/prompt/index.js';
import { ClipTokenizer } from '../../../../ts/generate/tokenizer.js';

const FACE = {
  age: 31,
  dominant_gender: 'Woman',
  dominant_race: 'white',
  dominant_emotion: 'happy',
} as const satisfies PromptSubject;
const CAPTION = 'a woman with a red hat';

const textOf = (subject: PromptSubject, options?: PromptOptions): string => buildPrompt(subject, options).text;

/** The subject with only some of what is known. */
const pick = (mask: number): PromptSubject => {
  const entries = Object.entries({ caption: CAPTION, ...FACE }).filter((_, i) => mask & (1 << i));
  return Object.fromEntries(entries) as PromptSubject;
};
const SUBSETS = Array.from({ length: 32 }, (_, mask) => pick(mask));

describe("buildPrompt with the paper's templates", () => {
  it('tells everything', () => {
    assert.equal(
      textOf({ ...FACE, caption: CAPTION }),
      'A face image of a woman with a red hat. And the woman is 31 years old white and happy.',
    );
  });

  it('uses the first version without a caption', () => {
    assert.equal(textOf(FACE), 'The woman is 31 years old white and happy');
    assert.equal(textOf({ ...FACE, caption: ' \n ' }), 'The woman is 31 years old white and happy');
  });

  it('adds that the image should be similar, as a sentence of its own', () => {
    const addition = 'This face image should be similar to the initial image';
    assert.equal(textOf(FACE, { stronger: true }), `The woman is 31 years old white and happy. ${addition}`);
    assert.ok(textOf({ ...FACE, caption: CAPTION }, { stronger: true }).endsWith(`white and happy. ${addition}`));
  });

  const cases: [PromptSubject, string][] = [
    [{}, 'A face image of a person.'],
    [{ dominant_gender: 'Man' }, 'A face image of a man.'],
    [{ caption: CAPTION }, 'A face image of a woman with a red hat.'],
    [{ age: 31 }, 'The person is 31 years old'],
    [{ dominant_race: 'asian' }, 'The person is Asian'],
    [{ dominant_emotion: 'fear', dominant_gender: 'Man' }, 'The man is fearful'],
    [{ age: 1, dominant_emotion: 'sad' }, 'The person is 1 year old and sad'],
    [{ dominant_race: 'middle eastern', dominant_emotion: 'surprise' }, 'The person is Middle Eastern and surprised'],
    [{ caption: CAPTION, age: 31 }, 'A face image of a woman with a red hat. And the person is 31 years old.'],
  ];
  for (const [subject, text] of cases) it(text, () => assert.equal(textOf(subject), text));

  it('prints neither "undefined" nor a placeholder, nor words that have lost their side, whatever is missing', () => {
    for (const template of [undefined, ...Object.values(PROMPT_TEMPLATES)]) {
      for (const subject of SUBSETS) {
        const text = textOf(subject, template === undefined ? {} : { template });
        assert.doesNotMatch(text, /undefined|null|NaN|[{}\u0000]|  | [.,]|\band\b *($|[.,])|\bis *($|[.,]| and)/, JSON.stringify(subject));
        for (const [name, word] of [['age', '31'], ['dominant_race', 'white'], ['dominant_emotion', 'happy']] as const) {
          assert.equal(text.includes(word), name in subject, `${word} in '${text}'`);
        }
      }
    }
  });

  it("takes no words from labels that are none, not even from an object's own methods", () => {
    for (const label of ['other', 'constructor', 'toString', '__proto__', 'angryish']) {
      const subject = { dominant_race: label, dominant_emotion: label, age: NaN } as unknown as PromptSubject;
      assert.equal(textOf(subject), 'A face image of a person.');
    }
  });

  it('takes a caption as text: one line, one full stop, braces and all', () => {
    assert.equal(textOf({ caption: 'a man\n in  a\tsuit. ' }), 'A face image of a man in a suit.');
    assert.equal(textOf({ caption: 'a {age} sign, [no] and $& of' }), 'A face image of a {age} sign, [no] and $& of.');
  });

  it('rounds ages and keeps them at 0 or more', () => {
    assert.equal(textOf({ age: 30.6 }), 'The person is 31 years old');
    assert.equal(textOf({ age: -0.2 }), 'The person is 0 years old');
  });
});

describe("buildPrompt with a user's template", () => {
  const template = 'photo of a {age}-year-old {race} {gender}[, looking {emotion}], {caption}';
  const cases: [PromptSubject, string][] = [
    [{ ...FACE, caption: CAPTION }, 'photo of a 31-year-old white woman, looking happy, a woman with a red hat'],
    [FACE, 'photo of a 31-year-old white woman, looking happy'],
    [{ dominant_race: 'asian' }, 'photo of an Asian person'],
    [{ age: 80, dominant_gender: 'Man' }, 'photo of an 80-year-old man'],
    [{ age: 18 }, 'photo of an 18-year-old person'],
    [{ age: 108 }, 'photo of a 108-year-old person'],
    [{}, 'photo of a person'],
  ];
  for (const [subject, text] of cases) it(text, () => assert.equal(textOf(subject, { template }), text));

  it('keeps a template that has no placeholders', () => assert.equal(textOf(FACE, { template: 'A face.' }), 'A face.'));

  for (const wrong of ['{face}', 'a {age', 'age}', '[{age}', '{age}]', '[[{age}]]', ' ', '{ age }']) {
    it(`refuses '${wrong}'`, () => assert.throws(() => buildPrompt(FACE, { template: wrong }), { code: 'ERR_INVALID_ARG' }));
  }
});

describe("buildPrompt and CLIP's limit", () => {
  let tokenizer: ClipTokenizer;
  before(async () => {
    tokenizer = await ClipTokenizer.load(join(__dirname, '..', '..', '..', 'parity', 'clip_tokenizer', 'small'));
  });

  /** Each word one token: the real one's lengths do not matter here. */
  const words = (maxLength: number): NonNullable<PromptOptions['tokenizer']> => ({
    encode: (text) => {
      const all = text.split(/\s+/);
      const room = maxLength - 2;
      return { tokens: all.length, truncated: all.slice(room).join(' ') };
    },
  });
  const long = Array.from({ length: 90 }, (_, i) => `w${i}`).join(' ');

  it('counts tokens and changes nothing while there is room', () => {
    const prompt = buildPrompt({ ...FACE, caption: CAPTION }, { tokenizer: words(77) });
    assert.deepEqual(prompt, { text: textOf({ ...FACE, caption: CAPTION }), tokens: 20, shortened: '', truncated: '' });
  });

  it('shortens the caption, so that the attributes and the addition are read, and says by what', () => {
    const subject = { ...FACE, caption: long };
    const { text, tokens, shortened, truncated } = buildPrompt(subject, { tokenizer: words(77), stronger: true });
    assert.equal(tokens, 75);
    assert.equal(truncated, '');
    assert.match(text, /^A face image of w0 w1 .* w\d+\. And the woman is 31 years old white and happy\. This face .* initial image$/);
    const kept = /w(\d+)\. And/.exec(text)![1];
    assert.equal(shortened, Array.from({ length: 89 - Number(kept) }, (_, i) => `w${Number(kept) + 1 + i}`).join(' '));
  });

  it('says what is cut off when the caption is not to blame', () => {
    const { text, shortened, truncated } = buildPrompt(FACE, { tokenizer: words(6) });
    assert.equal(text, 'The woman is 31 years old white and happy');
    assert.deepEqual([shortened, truncated], ['', 'years old white and happy']);
  });

  it("fits what CLIP's own tokenizer counts", () => {
    const subject = { ...FACE, caption: 'hat '.repeat(120) };
    const prompt = buildPrompt(subject, { tokenizer });
    assert.equal(prompt.truncated, '');
    assert.ok(prompt.tokens! <= tokenizer.maxLength - 2);
    assert.ok(prompt.tokens! > tokenizer.maxLength - 8, `only ${prompt.tokens} tokens`);
    assert.ok(prompt.shortened.length > 0);
    assert.ok(prompt.text.endsWith('white and happy.'));
  });
});

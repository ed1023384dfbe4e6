/**
 * Prompts from what was read of a face: the source paper's templates, a user's own, and CLIP's limit of 77 tokens, which
 * is kept by shortening the caption and never in silence.
 */
import type { Emotion, FaceAttributes, Race } from '../../attributes/face-attributes.js';
import { invalidArgument } from '../../errors.js';
import { checkPrompt } from '../options.js';
import type { PromptReport } from '../types.js';
import { checkTemplate, fillTemplate, type PromptWords } from './grammar.js';

/** With a caption, and its first version, without. */
export const PROMPT_TEMPLATES = {
  caption: 'A face image of {caption}. And the {gender} is {age} years old {race} and {emotion}.',
  attributes: 'The {gender} is {age} years old {race} and {emotion}',
} as const;

/** What the paper adds when the Gram distance is over the threshold. */
export const STRONGER = 'This face image should be similar to the initial image';

/** What a prompt may tell of a face; anything may be missing. */
export interface PromptSubject extends Partial<Omit<FaceAttributes, 'region' | 'face_confidence'>> {
  /** Of the whole image, as a caption model writes it: "a man in a suit". */
  caption?: string;
}

/** Says how long a prompt is for its model: `{ encode: (text) => model.inspectPrompt(text) }`. */
export interface PromptTokenizer {
  encode(text: string): PromptReport;
}

export interface PromptOptions {
  /**
   * Text with the placeholders {caption} {gender} {age} {race} {emotion}. Default: the paper's with a caption, or
   * without one. How sentences change when a value is missing stands in grammar.ts.
   */
  template?: string;
  /** Adds "This face image should be similar to the initial image". Default false. */
  stronger?: boolean;
  /** Of the model that will read the prompt; without it, lengths are not known. */
  tokenizer?: PromptTokenizer;
}

export interface FacePrompt {
  text: string;
  /** Without start and end; undefined without a tokenizer. */
  tokens: number | undefined;
  /** Words that were taken from the end of the caption to make the prompt fit; empty: none. */
  shortened: string;
  /** The end of `text` that the model will not read all the same; empty: it reads everything. */
  truncated: string;
}

const EMOTION_WORDS: Readonly<Record<Emotion, string>> = {
  angry: 'angry',
  disgust: 'disgusted',
  fear: 'fearful',
  happy: 'happy',
  sad: 'sad',
  surprise: 'surprised',
  neutral: 'neutral',
};

/** 'other' says nothing that could be drawn: it counts as missing. */
const RACE_WORDS: Readonly<Record<Race, string>> & { other: undefined } = {
  asian: 'Asian',
  indian: 'Indian',
  black: 'black',
  white: 'white',
  'middle eastern': 'Middle Eastern',
  'latino hispanic': 'Latino',
  other: undefined,
};

/** The word for a label; none for a label that is not known. */
function wordOf(words: Readonly<Record<string, string | undefined>>, label: string | undefined): string | undefined {
  return label !== undefined && Object.hasOwn(words, label) ? words[label] : undefined;
}

/** One line, without the full stop that the template has itself. */
const plainCaption = (caption: string): string =>
  caption
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim()
    .replace(/[\s.!?,;:]+$/, '');

/** The subject in words. */
function wordsOf({ caption, dominant_gender, age, dominant_race, dominant_emotion }: PromptSubject): PromptWords {
  const line = caption === undefined ? '' : plainCaption(caption);
  const text: Record<string, string | undefined> = {
    caption: line === '' ? undefined : line,
    gender: dominant_gender?.toLowerCase(),
    age: age === undefined || !Number.isFinite(age) ? undefined : String(Math.max(0, Math.round(age))),
    race: wordOf(RACE_WORDS, dominant_race),
    emotion: wordOf(EMOTION_WORDS, dominant_emotion),
  };
  return Object.fromEntries(Object.entries(text).filter(([, value]) => value !== undefined));
}

/** When nothing at all is known. */
const UNKNOWN_FACE = 'A face image of a person.';

function write(words: PromptWords, options: PromptOptions): string {
  const fallback = words.caption === undefined ? PROMPT_TEMPLATES.attributes : PROMPT_TEMPLATES.caption;
  const template = options.template ?? fallback;
  const only = words.gender === undefined ? UNKNOWN_FACE : `A face image of a ${words.gender}.`;
  const text = fillTemplate(template, words) || only;
  if (options.stronger !== true) return text;
  return `${text}${/[.!?]$/.test(text) ? '' : '.'} ${STRONGER}`;
}

/** Takes words from the end of the caption until the prompt fits, or nothing of the caption is left. */
function shorten(words: PromptWords, options: PromptOptions, fits: (text: string) => boolean): [PromptWords, string] {
  const all = (words.caption ?? '').split(' ');
  for (let kept = all.length - 1; kept > 0; kept--) {
    const fewer = { ...words, caption: plainCaption(all.slice(0, kept).join(' ')) };
    if (fewer.caption !== '' && fits(write(fewer, options))) return [fewer, all.slice(kept).join(' ')];
  }
  return [words, ''];
}

/**
 * The prompt for a face.
 *
 * With a tokenizer, a prompt that is too long loses words from the end of its caption, so that the attributes and the
 * addition, which stand behind it, are read; what even that cannot save is told in `truncated`.
 *
 * @throws TypeError for a template with an unknown placeholder or none, RangeError for one that is too long
 */
export function buildPrompt(subject: PromptSubject, options: PromptOptions = {}): FacePrompt {
  if (typeof subject !== 'object' || subject === null) throw invalidArgument('subject', 'an object', subject);
  if (options.template !== undefined) checkTemplate(checkPrompt('template', options.template, false));
  const { tokenizer } = options;
  const words = wordsOf(subject);
  const text = write(words, options);
  if (tokenizer === undefined) return { text, tokens: undefined, shortened: '', truncated: '' };
  const fits = (candidate: string): boolean => tokenizer.encode(candidate).truncated === '';
  const [kept, shortened] = fits(text) ? [words, ''] : shorten(words, options, fits);
  const final = write(kept, options);
  const { tokens, truncated } = tokenizer.encode(final);
  return { text: final, tokens, shortened, truncated };
}

/**
 * Templates with placeholders: parsing, and sentences that stay whole when a value is missing.
 *
 * A value that is missing takes its clause with it:
 * - {gender} becomes "person";
 * - {age} goes with a "years old" or "-year-old" after it;
 * - {race} and {emotion} go with the "and" or comma that joined them to something;
 * - {caption} goes with all that stands between it and the next punctuation on both sides;
 * - text in [square brackets] goes as a whole when any value in it is missing.
 * A last sentence that has lost everything after its "is" goes too, and "And" does not begin a prompt. "a" and "an"
 * follow the word after them; one is "1 year old".
 */
import { invalidArgument } from '../../errors.js';

export const PLACEHOLDERS = ['caption', 'gender', 'age', 'race', 'emotion'] as const;
export type Placeholder = (typeof PLACEHOLDERS)[number];

/** Words for the placeholders, in the form in which they are printed. */
export type PromptWords = Readonly<Partial<Record<Placeholder, string>>>;

/** Stands for a missing value until its clause is gone; no text that a user gives keeps it. */
const MISSING = '\u0000';
const NEUTRAL_SUBJECT = 'person';

const known = (name: string): name is Placeholder => (PLACEHOLDERS as readonly string[]).includes(name);

/** @throws TypeError for a placeholder that is not known, a brace or a bracket without its other half */
export function checkTemplate(template: string): string {
  const rest = template.replace(/\{([^{}]*)\}/g, (all, name: string) => {
    if (known(name)) return '';
    const list = PLACEHOLDERS.map((placeholder) => `{${placeholder}}`).join(' ');
    throw invalidArgument('template', `no other placeholders than ${list}`, all);
  });
  if (/[{}]/.test(rest)) throw invalidArgument('template', 'braces in pairs', template);
  if (/[[\]]/.test(rest.replace(/\[[^[\]]*\]/g, ''))) throw invalidArgument('template', 'square brackets in pairs, not nested', template);
  return template;
}

/** What numbers sound like: eight, eleven, eighteen, eighty and all that begin so need "an". */
function startsWithVowel(word: string): boolean {
  return /^[aeiou]/i.test(word) || /^(8\d*|11|18)(?!\d)/.test(word);
}

/** "a" or "an", as the word after it asks for. The template's own words in its own sentences are right already. */
function withArticles(text: string, words: PromptWords): string {
  const agree = (article: string, word: string): string => `${article[0]}${startsWithVowel(word) ? 'n' : ''}`;
  return text
    .replace(/\b(an?) \u0000[ -]*(?=([a-z]+)|\{(\w+)\})/gi, (_, article: string, word?: string, name?: Placeholder) =>
      `${agree(article, word ?? words[name!] ?? '')} `,
    )
    .replace(/\b(an?) (?=\{(\w+)\})/gi, (_, article: string, name: Placeholder) => `${agree(article, words[name]!)} `);
}

function dropGroups(template: string, words: PromptWords): string {
  return template.replace(/\[([^[\]]*)\]/g, (_, group: string) => {
    const names = [...group.matchAll(/\{(\w+)\}/g)].map(([, name]) => name as Placeholder);
    return names.every((name) => words[name] !== undefined) ? group : '';
  });
}

/** Numbers agree: "1 year old". */
function years(text: string, age: string | undefined): string {
  return age === '1' ? text.replace(/\{age\} years\b/g, '{age} year') : text;
}

/** Puts a mark in the place of what is missing, with the words that belong to it alone. */
function markMissing(template: string, words: PromptWords): string {
  const missing = (name: Placeholder): boolean => words[name] === undefined;
  let text = template;
  if (missing('gender')) text = text.replaceAll('{gender}', NEUTRAL_SUBJECT);
  if (missing('age')) text = text.replace(/\{age\}(?:[ -]years?[ -]old)?/gi, MISSING);
  if (missing('race')) text = text.replaceAll('{race}', MISSING);
  if (missing('emotion')) text = text.replaceAll('{emotion}', MISSING);
  if (missing('caption')) text = text.replace(/[^.!?,;]*\{caption\}[^.!?,;]*[.!?,;]?/g, '');
  return text.replace(/\u0000(?:\s*\u0000)+/g, MISSING);
}

/** Removes the marks, and the "and" or comma that has lost one of its sides. */
function dropMarks(text: string): string {
  return text
    .replace(/(\b(?:is|are|be|looks?|with|of) |^\s*|[.!?,;] *)\u0000\s*(?:,|and\b)\s*/gi, '$1')
    .replace(/(?:,? and\b|,)\s*\u0000/g, '')
    .replaceAll(MISSING, '');
}

/** Spaces, punctuation, and sentences that end in the air. */
function tidy(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .replace(/ +([.,;:!?])/g, '$1')
    .trim()
    .replace(/(^|[.!?] )[^.!?]*\b(?:is|are|and|with|an?|of)[.!?]?$/gi, '$1')
    .replace(/^[,; ]+|[,; ]+$/g, '')
    .replace(/^and (\w)/i, (_, letter: string) => letter.toUpperCase());
}

/** A checked template with words in the place of placeholders. Words are taken as they are: braces in them stay. */
export function fillTemplate(template: string, words: PromptWords): string {
  const marked = markMissing(years(dropGroups(template, words), words.age), words);
  const kept = tidy(dropMarks(withArticles(marked, words)));
  return kept.replace(/\{(\w+)\}/g, (_, name: Placeholder) => words[name]!);
}

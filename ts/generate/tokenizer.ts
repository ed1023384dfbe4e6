/**
 * CLIP's tokenizer: byte-pair encoding of lower-case text (Radford et al. 2021, section 2.4). Token ids equal those of
 * transformers 5's CLIPTokenizer; the encoding itself is done by Hugging Face's tokenizer library.
 *
 * Difference from that library: letters are put in lower case one by one, as the library in Rust does it. A whole
 * text in lower case would have another sigma at the end of Greek words.
 */
import { readTokenizerFiles, type SpecialToken, type TokenizerFiles } from './tokenizer-files.js';
import { Normalizer, Tokenizer } from './tokenizer-library.js';

export interface EncodedPrompt {
  /** `maxLength` ids: start, text, end, padding. */
  ids: Int32Array;
  /** Tokens of the whole text, without start and end. */
  tokens: number;
  /** The end of the text that found no place; empty: all of it did. */
  truncated: string;
}

/** Pieces of text that merges do not cross. */
const PIECES = String.raw`<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+`;
const END_OF_WORD = '</w>';

const NORMALIZER = { type: 'Sequence', normalizers: [] } as const;

class LowerCase extends Normalizer {
  constructor() {
    super(NORMALIZER);
  }

  override normalize(text: string): string {
    const spaced = text.normalize('NFC').replace(/\p{White_Space}+/gu, ' ');
    // The library takes a text that is a special token only now for one; a space, which no piece has, prevents it.
    return `${Array.from(spaced, (letter) => letter.toLowerCase()).join('')} `;
  }
}

/** Where two roles share a token, the last one says how it is looked for. */
function addedTokens({ special, vocabulary }: TokenizerFiles): object[] {
  const tokens = new Map<string, SpecialToken>();
  for (const token of [special.bos, special.eos, special.unk, special.pad]) tokens.set(token.content, token);
  return [...tokens.values()].map((token) => ({ ...token, id: vocabulary[token.content], special: true }));
}

/** What transformers would write to tokenizer.json. */
function tokenizerJson(files: TokenizerFiles): object {
  const { vocabulary, merges, special } = files;
  const withId = ({ content }: SpecialToken) => [content, vocabulary[content]];
  return {
    added_tokens: addedTokens(files),
    normalizer: NORMALIZER,
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [
        { type: 'Split', pattern: { Regex: PIECES }, behavior: 'Removed', invert: true },
        { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
      ],
    },
    post_processor: {
      type: 'RobertaProcessing',
      cls: withId(special.bos),
      sep: withId(special.eos),
      trim_offsets: false,
      add_prefix_space: false,
    },
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: {
      type: 'BPE',
      unk_token: special.unk.content,
      continuing_subword_prefix: '',
      end_of_word_suffix: END_OF_WORD,
      fuse_unk: false,
      byte_fallback: false,
      vocab: vocabulary,
      merges,
    },
  };
}

export class ClipTokenizer {
  /** Ids of an encoded prompt. */
  readonly maxLength: number;
  /** One more than the highest id; the text encoder must know as many. */
  readonly vocabularySize: number;
  readonly #tokenizer: Tokenizer;
  readonly #pad: number;

  constructor(files: TokenizerFiles) {
    this.maxLength = files.maxLength;
    this.vocabularySize = 1 + Object.values(files.vocabulary).reduce((highest, id) => Math.max(highest, id), 0);
    this.#tokenizer = new Tokenizer(tokenizerJson(files), {});
    this.#tokenizer.normalizer = new LowerCase();
    this.#pad = files.vocabulary[files.special.pad.content]!;
  }

  /**
   * @param folder a diffusers model's `tokenizer`
   * @throws DeepcodeError ERR_IO for a file that is missing, ERR_CONFIG for what is no CLIP tokenizer
   */
  static async load(folder: string): Promise<ClipTokenizer> {
    return new ClipTokenizer(await readTokenizerFiles(folder));
  }

  encode(text: string): EncodedPrompt {
    const all = this.#tokenizer.encode(text).ids;
    const kept = all.length - 1; // without the end token
    const room = this.maxLength - 1;
    const ids = new Int32Array(this.maxLength).fill(this.#pad);
    ids.set([...all.slice(0, Math.min(kept, room)), all[kept]!]);
    return { ids, tokens: all.length - 2, truncated: kept > room ? this.#decode(all.slice(room, kept)) : '' };
  }

  #decode(ids: number[]): string {
    return this.#tokenizer.decode(ids, { clean_up_tokenization_spaces: false }).trim();
  }
}

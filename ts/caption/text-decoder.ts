/**
 * From GPT-2's tokens to text: byte-level byte-pair decoding (Radford et al. 2019, section 2.2), by Hugging Face's
 * tokenizer library. Texts equal those of transformers' decode with skip_special_tokens.
 */
import { DeepcodeError } from '../errors.js';
import { readBytePairs, type BytePairs } from '../generate/tokenizer-files.js';
import { Tokenizer } from '../generate/tokenizer-library.js';

/** What transformers would write to tokenizer.json, as far as decoding reads it. */
const tokenizerJson = ({ vocabulary, merges }: BytePairs): object => ({
  added_tokens: [],
  normalizer: null,
  pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
  post_processor: null,
  decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
  model: {
    type: 'BPE',
    unk_token: null,
    continuing_subword_prefix: '',
    end_of_word_suffix: '',
    fuse_unk: false,
    byte_fallback: false,
    vocab: vocabulary,
    merges,
  },
});

export class TextDecoder {
  readonly #tokenizer: Tokenizer;
  readonly #known: ReadonlySet<number>;
  readonly #special: ReadonlySet<number>;

  /** @param special ids that are no text: start and end */
  constructor(files: BytePairs, special: readonly number[]) {
    this.#tokenizer = new Tokenizer(tokenizerJson(files), {});
    this.#known = new Set(Object.values(files.vocabulary));
    this.#special = new Set(special);
  }

  /**
   * @param folder with vocab.json and merges.txt, or tokenizer.json
   * @param vocabSize what the model knows; the vocabulary must have no id beyond
   * @throws DeepcodeError ERR_IO for a file that is missing, ERR_CONFIG
   */
  static async load(folder: string, vocabSize: number, special: readonly number[]): Promise<TextDecoder> {
    const files = await readBytePairs(folder);
    const highest = Object.values(files.vocabulary).reduce((max, id) => Math.max(max, id), 0);
    if (highest < vocabSize) return new TextDecoder(files, special);
    throw new DeepcodeError('ERR_CONFIG', `The vocabulary has the token ${highest}, but the model knows ${vocabSize} only.`);
  }

  /** Bytes that are no UTF-8 become U+FFFD. Outer white space is removed. */
  decode(ids: ArrayLike<number>): string {
    const words = Array.from(ids).filter((id) => !this.#special.has(id) && this.#known.has(id));
    if (words.length === 0) return '';
    return this.#tokenizer.decode(words, { clean_up_tokenization_spaces: false }).trim();
  }
}

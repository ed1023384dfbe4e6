/**
 * What this package uses of Hugging Face's tokenizer library. Its own types are for bundlers: a CommonJS module cannot
 * import them, though it can load the code.
 */
export interface Tokenizer {
  /** Called with a text before it is cut into pieces. */
  normalizer: TextNormalizer;
  encode(text: string): { ids: number[] };
  decode(ids: number[], options: { clean_up_tokenization_spaces: boolean }): string;
}

interface TextNormalizer {
  normalize(text: string): string;
}

interface TokenizerLibrary {
  /** Takes what tokenizer.json and tokenizer_config.json hold. */
  Tokenizer: new (tokenizer: object, config: object) => Tokenizer;
  Normalizer: abstract new (config: object) => TextNormalizer;
}

export const { Tokenizer, Normalizer } = require('@huggingface/tokenizers') as TokenizerLibrary;

/** How captions are searched for. */
import { choice, integer, real, type Given, type Resolved } from '../options.js';
import type { RuntimeOptions } from '../runtime.js';

export const CAPTION_OPTIONS = {
  beams: integer({ default: 4, min: 1, max: 64, help: 'texts that are followed at once; 1 is greedy search' }),
  count: integer({ default: 1, min: 1, max: 64, help: 'captions of each image, the best first; at most --beams' }),
  maxLength: integer({ default: 16, min: 2, max: 1024, help: 'tokens of a caption at most, the start token included' }),
  lengthPenalty: real({ default: 1, min: -10, max: 10, help: 'over 0 favours long captions: score = log P / length^penalty' }),
  earlyStopping: choice({
    choices: ['no', 'yes', 'never'],
    default: 'no',
    help:
      'when the search ends: once nothing better is likely (no), once as many captions as beams are done (yes), ' +
      'or once nothing better is possible (never)',
  }),
} as const;

export type CaptionOptions = Given<typeof CAPTION_OPTIONS> & { readonly signal?: AbortSignal | undefined };
export type ResolvedCaptionOptions = Resolved<typeof CAPTION_OPTIONS>;

export type CaptionerOptions = RuntimeOptions & { readonly signal?: AbortSignal | undefined };

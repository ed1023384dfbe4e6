import { TRAIN_OPTIONS } from '../train/options.js';
import { list, text, type Given, type Resolved } from '../../options.js';

/** Set by the comparison itself; CutMix does not go with Single-Center Loss. */
const { loss: _loss, seed: _seed, out: _out, resume: _resume, cutmix: _cutmix, ...SHARED } = TRAIN_OPTIONS;

/** Options of a comparison: those of training, which both runs share, and what to compare on. */
export const COMPARE_OPTIONS = {
  ...SHARED,
  data: list({ placeholder: 'DIR', help: 'data set to train on; several are mixed' }),
  model: text({ placeholder: 'DIR|ID', help: 'timm model folder or hub id of a ViT to start from' }),
  out: text({
    default: 'runs/compare',
    placeholder: 'DIR',
    help: 'folder for the runs, the table and the plots',
  }),
  seeds: text({ default: '0', placeholder: 'N,N', help: 'seeds by comma; a pair of runs each' }),
  cross: list({ placeholder: 'DIR', help: 'data set of another domain to compare on' }),
} as const;

export type CompareOptions = Given<typeof COMPARE_OPTIONS>;
export type ResolvedCompareOptions = Resolved<typeof COMPARE_OPTIONS>;

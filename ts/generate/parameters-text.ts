/** How an image was made, as the one text under `parameters` that image generators and their viewers share. */
import { packageVersion } from '../package-version.js';

/** What an image was made with. */
export interface ImageParameters {
  prompt: string;
  negativePrompt: string;
  steps: number;
  /** The CLI's name: "euler-ancestral". */
  scheduler: string;
  guidanceScale: number;
  guidanceRescale: number;
  /** DDIM's; other samplers do not read it. */
  eta: number;
  /** "model": as the model's files say. */
  spacing: string;
  seed: number;
  width: number;
  height: number;
  /** Of image-to-image. */
  strength?: number | undefined;
  /** Name of the model's folder or file. */
  model: string;
  loras: readonly { name: string; scale: number }[];
  /** The first latents were given, and not drawn from the seed. */
  givenLatents: boolean;
}

/** What other tools call the same schedulers. */
const SAMPLERS: Readonly<Record<string, string>> = {
  pndm: 'PLMS',
  ddim: 'DDIM',
  euler: 'Euler',
  'euler-ancestral': 'Euler a',
  'dpm++2m': 'DPM++ 2M',
  'dpm++2m-karras': 'DPM++ 2M Karras',
  heun: 'Heun',
  lms: 'LMS',
  unipc: 'UniPC',
  lcm: 'LCM',
};

/** A value that would be read as more than one is quoted, as readers expect it. */
const quoted = (value: string): string => (/[,:"\n]/.test(value) ? JSON.stringify(value) : value);

function pairs(p: ImageParameters): (readonly [string, string | number | undefined])[] {
  return [
    ['Steps', p.steps],
    ['Sampler', SAMPLERS[p.scheduler] ?? p.scheduler],
    ['CFG scale', p.guidanceScale],
    ['CFG rescale', p.guidanceRescale === 0 ? undefined : p.guidanceRescale],
    ['Eta', p.scheduler === 'ddim' && p.eta !== 0 ? p.eta : undefined],
    ['Timestep spacing', p.spacing === 'model' ? undefined : p.spacing],
    ['Seed', p.seed],
    ['Size', `${p.width}x${p.height}`],
    ['Model', p.model],
    ['Denoising strength', p.strength],
    ['Initial latents', p.givenLatents ? 'given' : undefined],
    ['Lora', p.loras.length === 0 ? undefined : p.loras.map(({ name, scale }) => `${name}:${scale}`).join(' ')],
    ['Version', `deepcode ${packageVersion()}`],
  ];
}

/** The prompt, the negative prompt behind its label, and one line of everything else. */
export function parametersText(parameters: ImageParameters): string {
  const { prompt, negativePrompt } = parameters;
  const given = pairs(parameters).filter(([, value]) => value !== undefined);
  const last = given.map(([name, value]) => `${name}: ${quoted(String(value))}`).join(', ');
  const negative = negativePrompt === '' ? [] : [`Negative prompt: ${negativePrompt}`];
  return [prompt, ...negative, last].join('\n');
}

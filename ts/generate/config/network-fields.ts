/** What the readers of diffusers' configs share. */
import { Fields } from '../../detect/json-fields.js';

/** Bounds far above every published model, so that a file cannot ask for work without end. */
export const MAX_WIDTH = 65_536;
export const MAX_LAYERS = 100;
export const MAX_LEVELS = 16;

/** diffusers' names of activations, and ours. */
export const ACTIVATIONS = { silu: 'silu', swish: 'silu', gelu: 'gelu', relu: 'relu' } as const;

/** The config with defaults for fields that are absent or null. */
export function defaulted(config: unknown, defaults: Readonly<Record<string, unknown>>, where: string): Fields {
  const present = Object.entries(config as object).filter(([, value]) => value !== null);
  return new Fields({ ...defaults, ...Object.fromEntries(present) }, where);
}

/** Refuses a field whose value is none of those that `fixed` lists for it. */
export function refuseOthers(fields: Fields, fixed: Readonly<Record<string, readonly unknown[]>>): void {
  for (const [name, supported] of Object.entries(fixed)) {
    if (supported.includes(fields.raw(name) ?? null)) continue;
    const shown = supported.filter((item) => item !== null).map((item) => JSON.stringify(item));
    throw fields.refuse(name, shown.join(' or ') || 'nothing (other values are not supported)');
  }
}

export function positiveInteger(fields: Fields, name: string, max: number): number {
  return fields.number(name, { min: 1, max, integer: true });
}

/** The width of each level, which the groups of the normalisations divide. */
export function widths(fields: Fields): { blockOutChannels: readonly number[]; normNumGroups: number } {
  const blockOutChannels = fields.numberList('block_out_channels', { min: 1, max: MAX_WIDTH, integer: true });
  if (blockOutChannels.length < 1 || blockOutChannels.length > MAX_LEVELS) {
    throw fields.refuse('block_out_channels', `1 to ${MAX_LEVELS} integers`);
  }
  const normNumGroups = positiveInteger(fields, 'norm_num_groups', MAX_WIDTH);
  if (blockOutChannels.some((width) => width % normNumGroups !== 0)) {
    throw fields.refuse('norm_num_groups', 'a divisor of block_out_channels');
  }
  return { blockOutChannels, normNumGroups };
}

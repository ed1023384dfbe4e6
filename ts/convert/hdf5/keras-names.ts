/** The names of Keras weights as flat keys. */

/** What a whole model's file has above its layers, and what it has beside them. */
const MODEL_GROUP = 'model_weights';
const OPTIMIZER_GROUPS: ReadonlySet<string> = new Set(['optimizer_weights', 'optimizer']);

/** Whether a dataset belongs to an optimiser. */
export const isOptimizer = (path: readonly string[]): boolean => path.length > 1 && OPTIMIZER_GROUPS.has(path[0]!);

/** TensorFlow names a variable `kernel:0`, its first output. */
const withoutOutput = (name: string): string => name.replace(/:0$/, '');

/**
 * A layer's variables lie in a scope that repeats the layer's name, at times with a number or below the model's name: the
 * variables `/conv2d_1/conv2d_1_1/kernel:0` and `/conv2d_1/sequential/conv2d_1/kernel` are the kernel of layer conv2d_1.
 */
function withoutScope([layer, ...rest]: readonly string[]): string[] {
  if (layer === undefined) return [];
  const repeats = (scope: string): boolean => scope.startsWith(layer) && /^(_\d+)?$/.test(scope.slice(layer.length));
  const scope = rest.slice(0, -1).findIndex(repeats);
  return [layer, ...rest.slice(scope + 1)];
}

/** One name a path, in their order: `layer.weight`; the whole path for those that would share a name. */
export function kerasNames(paths: readonly (readonly string[])[]): string[] {
  const whole = paths.map((path) => {
    const inModel = path[0] === MODEL_GROUP && path.length > 1 ? path.slice(1) : path;
    return [...inModel.slice(0, -1), withoutOutput(inModel.at(-1)!)];
  });
  const short = whole.map((path) => withoutScope(path).join('.'));
  const uses = new Map<string, number>();
  for (const name of short) uses.set(name, (uses.get(name) ?? 0) + 1);
  return short.map((name, i) => (uses.get(name) === 1 ? name : whole[i]!.join('.')));
}

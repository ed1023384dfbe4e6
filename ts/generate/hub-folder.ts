/** A model of the hub: its configs are fetched first, then the weights that they and the caller ask for. */
import { join } from 'node:path';
import { resolveModel, type DownloadProgress } from '../hub/index.js';
import { findWeights, variantsToTry, weightsRequests } from './component-weights.js';
import { componentsOf, HUB_CONFIGS, MODEL_INDEX, noVariant, type ComponentKind } from './model-folder.js';

export interface HubFolderOptions {
  variant: string | undefined;
  safetyChecker: boolean;
  signal: AbortSignal | undefined;
  onDownload: ((progress: DownloadProgress) => void) | undefined;
}

type Fetch = (request: { files: string[]; optionalFiles: string[] }) => Promise<string>;

function fetcher(id: string, { signal, onDownload }: HubFolderOptions): Fetch {
  const [name, revision] = id.split('@') as [string, string?];
  const how = {
    ...(revision !== undefined && { revision }),
    ...(signal && { signal }),
    ...(onDownload && { onProgress: onDownload }),
  };
  return (request) => resolveModel(name, { ...request, ...how });
}

async function without(folder: string, kinds: readonly ComponentKind[], variant: string | undefined): Promise<ComponentKind[]> {
  const found = await Promise.all(kinds.map(({ name, stem }) => findWeights(join(folder, name), stem, variant)));
  return kinds.filter((_, i) => found[i] === undefined || found[i].variant !== variant);
}

/**
 * The folder of a hub model in the cache. A network that has no weights of the variant gets those that
 * {@link findWeights} takes in their place; every file that is used was requested, and so checked.
 *
 * @param id `owner/name`, with a revision after @
 * @throws DeepcodeError the hub's errors, ERR_IO for a variant that no network has, ERR_CONFIG for another kind of model, or
 *   AbortError
 */
export async function fetchModelFolder(id: string, options: HubFolderOptions): Promise<string> {
  const fetch = fetcher(id, options);
  let folder = await fetch({ files: [...HUB_CONFIGS.files], optionalFiles: [...HUB_CONFIGS.optionalFiles] });
  const kinds = await componentsOf(folder, id, options.safetyChecker);
  let waiting = kinds;
  for (const variant of variantsToTry(options.variant)) {
    if (waiting.length === 0) break;
    // Asking only for what may not be there would fail where it is not.
    folder = await fetch({ files: [MODEL_INDEX], optionalFiles: waiting.flatMap(({ name, stem }) => weightsRequests(name, stem, variant)) });
    waiting = await without(folder, waiting, variant);
    // The plain ones are large: better to say it before they are fetched.
    if (variant !== undefined && variant === options.variant && waiting.length === kinds.length) throw noVariant(id, variant);
  }
  return folder;
}

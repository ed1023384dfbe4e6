import { type Selection } from './selection.js';
import { type HubSession } from './session.js';
import { type ModelCache } from './snapshot.js';

/** One model to find or fetch. */
export interface Job {
  id: string;
  revision: string;
  selection: Selection;
  session: HubSession;
  cache: ModelCache;
}

/** A model on the local disk. */
export interface ResolvedModel {
  /** Absolute path. */
  folder: string;
  /** 40 hexadecimal digits; null for a folder of the user's. */
  commit: string | null;
  /** The files that were asked for, paths inside the folder, sorted. */
  files: string[];
}

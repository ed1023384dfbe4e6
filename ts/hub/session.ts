import { type HubEnvironment } from './environment.js';
import { type RetryOptions } from './retry.js';

/** How far the download of one file has come. */
export interface DownloadProgress {
  /** Path inside the model. */
  file: string;
  /** Bytes on disk, those of an earlier try included. */
  received: number;
  /** Bytes in all. */
  size: number;
}

/** What every step of a download needs to know. */
export interface HubSession extends HubEnvironment, RetryOptions {
  /** Milliseconds without a byte after which a transfer counts as broken. */
  timeout: number;
  onProgress?: ((progress: DownloadProgress) => void) | undefined;
  onWarning?: ((message: string) => void) | undefined;
}

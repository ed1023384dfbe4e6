import type { RgbImage } from '../data/rgb-image.js';
import type { DetectedFace } from './detected-face.js';

export interface FindOptions {
  minScore: number;
  /** Of the faces that are wanted, in pixels of the longer side; undefined: what the network sees in its usual way. */
  minFace?: number | undefined;
}

/** A loaded network that finds faces. */
export interface FaceFinder {
  /** The faces of an image, the surest first. Rejects with ERR_NONFINITE, ERR_DISPOSED, AbortError. */
  find(image: RgbImage, options: FindOptions, signal?: AbortSignal): Promise<DetectedFace[]>;
  /** Idempotent. */
  dispose(): void;
}

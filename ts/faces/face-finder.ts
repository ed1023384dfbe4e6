import type { RgbImage } from '../data/rgb-image.js';
import type { DetectedFace } from './detected-face.js';

/** A loaded network that finds faces. */
export interface FaceFinder {
  /** The faces of an image, the surest first. Rejects with ERR_NONFINITE, ERR_DISPOSED, AbortError. */
  find(image: RgbImage, minScore: number, signal?: AbortSignal): Promise<DetectedFace[]>;
  /** Idempotent. */
  dispose(): void;
}

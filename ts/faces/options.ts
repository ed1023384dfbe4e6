/** Options of finding faces. */
import { integer, real } from '../options.js';

/** Options of one call. */
export const FACE_OPTIONS = {
  minScore: real({ default: 0.5, min: 0.01, max: 1, placeholder: 'P', help: 'leave out faces that the detector is less sure of' }),
  minFace: integer({
    min: 12,
    max: 4096,
    placeholder: 'PIXELS',
    help: 'look for faces down to this size, in squares of the image; without it, for those of a fifteenth of its longer side',
  }),
} as const;

/** Boxes whose intersection is a larger part of their union than this are one face; MediaPipe's value. */
export const MAX_OVERLAP = 0.3;

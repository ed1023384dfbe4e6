/** Faces that were seen more than once: in neighbouring squares, or at several scales. */
import type { DetectedFace, FaceRectangle } from './detected-face.js';
import { MAX_OVERLAP } from './options.js';

/** A part of a face lies inside the whole; their intersection over their union may be small. */
const MAX_COVERED = 0.6;

const area = ({ width, height }: FaceRectangle): number => width * height;

function intersection(a: FaceRectangle, b: FaceRectangle): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  return Math.max(0, width) * Math.max(0, height);
}

function isSameFace(a: FaceRectangle, b: FaceRectangle): boolean {
  const shared = intersection(a, b);
  return shared > MAX_OVERLAP * (area(a) + area(b) - shared) || shared > MAX_COVERED * Math.min(area(a), area(b));
}

/** The surest of each face, the surest face first. */
export function mergeFaces(faces: readonly DetectedFace[]): DetectedFace[] {
  const kept: DetectedFace[] = [];
  for (const face of [...faces].sort((a, b) => b.score - a.score)) {
    if (!kept.some((other) => isSameFace(face.box, other.box))) kept.push(face);
  }
  return kept;
}

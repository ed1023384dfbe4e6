/** The lines of a synthesis' manifest.jsonl: what became of each photo. */
import type { FaceRegion } from '../attributes/face-attributes.js';
import type { GramLayerDistance } from '../generate/gram/gram-comparer.js';
import type { PromptSubject } from '../generate/prompt/prompt.js';

/** What was read of a photo. */
export interface PhotoReading {
  /** Faces that were found; null: none was looked for. */
  faces: number | null;
  /** The largest face's; it is the one that the prompt tells of. */
  region: FaceRegion | null;
  /** That face's attributes and the photo's caption, as far as the run uses them. */
  subject: PromptSubject;
}

/** One image that was drawn of a photo. */
export interface SynthesisAttempt {
  prompt: string;
  /** Of the prompt, start and end not counted; the model reads 75 or as many as it has room for. */
  tokens: number;
  /** Words taken from the end of the caption to make the prompt fit; empty: none. */
  shortened: string;
  /** The end of the prompt that the model did not see; empty: it saw everything. */
  truncated: string;
  /** The prompt asks for more similarity to the photo. */
  stronger: boolean;
  /** Draws the same image again: `deepcode generate --prompt PROMPT --seed SEED`. */
  seed: number;
  /** The safety checker blanked the image, which is then not compared. */
  flagged: boolean;
  /** Gram distance to the photo; null for a flagged image. */
  distance: number | null;
  layers: readonly GramLayerDistance[];
}

/** A photo with its image. */
export interface FinishedRecord extends PhotoReading {
  /** Of the photo, below the folder of photos, with forward slashes. */
  name: string;
  /** SHA-256 of the photo. */
  sha256: string;
  /** Both below the output folder. */
  real: string;
  fake: string;
  /** SHA-256 of the generated file. */
  fakeSha256: string;
  attempts: readonly SynthesisAttempt[];
  /** Index of the attempt that was kept: that of the smallest distance. */
  kept: number;
  distance: number;
  threshold: number;
  /** `accepted`: the distance is within the threshold; `best-of`: no attempt's was. */
  outcome: 'accepted' | 'best-of';
  /** VGG-19's weights: `given` by the user, or `random`. */
  weights: 'given' | 'random';
  error?: undefined;
}

/** A photo without an image. */
export interface FailedRecord {
  name: string;
  error: { code: string; message: string };
}

export type SynthesisRecord = FinishedRecord | FailedRecord;

export const isFinished = (record: SynthesisRecord): record is FinishedRecord => record.error === undefined;

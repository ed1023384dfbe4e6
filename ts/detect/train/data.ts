/** The images that a run may draw from. */
import type { Demographics } from '../../data/demographics/demographics.js';
import type { DetectorData } from '../detector-json.js';

export interface TrainingSample {
  /** Absolute path. */
  path: string;
  /** Data set and path within it: names the sample in digests and reports. */
  name: string;
  /** 0 real, 1 fake. */
  label: 0 | 1;
  /** How likely it is to be drawn, relative to others; above 0. */
  weight: number;
  /** Of a validation image that is shown as a pseudo-fake, with label 1: its seed. */
  pseudoFakeSeed?: number;
  /** Who is shown, as far as the data set says so. */
  demographics?: Demographics | undefined;
  /** The same for all images of one person, where the data set says so. */
  identity?: string | undefined;
  /** Of a fake, how it was made as far as the data set says so: its spe_label, or where the image comes from. */
  forgeryMethod?: string | undefined;
  /** Number of the group of people, where groups matter. */
  group?: number | undefined;
  /** 0 real, from 1 on the way in which a fake was made, where that matters. */
  method?: number | undefined;
}

export interface TrainingData {
  /** Every image that training may draw. */
  pool: TrainingSample[];
  /** The images drawn for validation. */
  validation: TrainingSample[];
  /** What the data sets are, for detector.json. */
  sets: DetectorData[];
}

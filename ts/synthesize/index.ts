/** Synthesis: a data set of real and generated faces from a folder of photos. */
export { synthesize } from './synthesize.js';
export type { SynthesisReport } from './synthesize.js';
export type { FaceTrait, SynthesisProgress, SynthesizeOptions } from './options.js';
export type { FailedRecord, FinishedRecord, PhotoReading, SynthesisAttempt, SynthesisRecord } from './record.js';

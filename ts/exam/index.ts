/** The exam of detectors on generated images. */
export { exam } from './exam.js';
export type { ExamReport, ExamRow } from './exam.js';
export type { ExamOptions, ExamProgress } from './options.js';

/** Prompts from what was read of a face. */
export { buildPrompt, PROMPT_TEMPLATES } from './prompt.js';
export type { FacePrompt, PromptOptions, PromptSubject, PromptTokenizer } from './prompt.js';

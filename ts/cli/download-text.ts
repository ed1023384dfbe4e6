import type { DownloadProgress } from '../hub/index.js';
import { printable } from './output.js';

/** "model.safetensors: 3.1 of 22.9 MB". */
export function downloadText({ file, received, size }: DownloadProgress): string {
  const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);
  return `${printable(file)}: ${megabytes(received)} of ${megabytes(size)} MB`;
}

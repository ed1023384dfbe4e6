import { ToolchainError } from './report.mjs';
export async function fetchLibtorch() { throw new ToolchainError('ERR_LIBTORCH', 'No libtorch was found.', []); }

import { readFile } from 'node:fs/promises';
import { DeepcodeError } from '../errors.js';

/** @throws DeepcodeError ERR_CONFIG for what is not JSON, ERR_IO for what cannot be read */
export async function readJsonFile(path: string, where: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    if (error instanceof SyntaxError)
      throw new DeepcodeError('ERR_CONFIG', `${where} is not valid JSON.`, { cause: error });
    const { code } = error as NodeJS.ErrnoException;
    const reason = code === 'ENOENT' ? 'there is no such file' : code;
    throw new DeepcodeError('ERR_IO', `${where} cannot be read: ${reason}.`, { cause: error });
  }
}

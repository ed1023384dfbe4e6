/** The small picture of an unfinished image that `deepcode generate --preview` keeps in a file while it draws. */
import { unlink } from 'node:fs/promises';
import sharp from 'sharp';
import type { RgbImage } from '../data/rgb-image.js';
import { markGenerated } from '../generate/png-metadata.js';
import { writeNewFile } from './new-files.js';

export class PreviewFile {
  #written = false;

  /** @param force a file of this name may be there already */
  constructor(
    private readonly path: string,
    private readonly force: boolean,
  ) {}

  /**
   * In place of the picture before it: a reader finds one of them whole.
   *
   * @param text what the PNG says of itself under `parameters`
   * @throws DeepcodeError ERR_IO
   */
  async show({ width, height, data }: RgbImage, text: string): Promise<void> {
    const png = await sharp(data, { raw: { width, height, channels: 3 } }).png().toBuffer();
    await writeNewFile(this.path, markGenerated(png, text), this.force || this.#written);
    this.#written = true;
  }

  /** Once nothing is drawn any more; only what was written here. */
  async remove(): Promise<void> {
    if (this.#written) await unlink(this.path).catch(() => undefined);
  }
}

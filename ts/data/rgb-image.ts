/** An upright 8-bit RGB picture: `data` holds height x width x 3 bytes, rows from the top, without padding. */
export interface RgbImage {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

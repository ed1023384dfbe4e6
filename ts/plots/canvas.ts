import { type Segment } from './stroke-font.js';

export type Rgb = readonly [red: number, green: number, blue: number];

/** An 8-bit RGB picture that can be drawn on. */
export class Canvas {
  readonly data: Uint8Array;

  constructor(
    readonly width: number,
    readonly height: number,
    ground: Rgb,
  ) {
    this.data = new Uint8Array(width * height * 3);
    for (let i = 0; i < this.data.length; i++) this.data[i] = ground[i % 3]!;
  }

  /** Mixes a colour into one pixel; alpha 0 to 1. */
  blend(x: number, y: number, color: Rgb, alpha: number): void {
    if (x < 0 || y < 0 || x >= this.width || y >= this.height) return;
    const at = (y * this.width + x) * 3;
    for (let c = 0; c < 3; c++)
      this.data[at + c]! += Math.round((color[c]! - this.data[at + c]!) * alpha);
  }

  /** Lines with round ends, smooth edges by distance; overlaps do not add up. */
  stroke(segments: readonly Segment[], thickness: number, color: Rgb): void {
    if (segments.length === 0) return;
    const reach = thickness / 2 + 1;
    const xs = segments.flatMap(([x1, , x2]) => [x1, x2]);
    const ys = segments.flatMap(([, y1, , y2]) => [y1, y2]);
    const [left, right] = [Math.floor(Math.min(...xs) - reach), Math.ceil(Math.max(...xs) + reach)];
    const [top, bottom] = [Math.floor(Math.min(...ys) - reach), Math.ceil(Math.max(...ys) + reach)];
    for (let y = top; y <= bottom; y++) {
      for (let x = left; x <= right; x++) {
        let nearest = Infinity;
        for (const segment of segments)
          nearest = Math.min(nearest, distance(x + 0.5, y + 0.5, segment));
        const coverage = Math.min(1, Math.max(0, thickness / 2 + 0.5 - nearest));
        if (coverage > 0) this.blend(x, y, color, coverage);
      }
    }
  }
}

function distance(x: number, y: number, segment: Segment): number {
  const [x1, y1] = [segment[0], segment[1]];
  const dx = segment[2] - x1;
  const dy = segment[3] - y1;
  const length2 = dx * dx + dy * dy;
  const t = length2 === 0 ? 0 : Math.min(1, Math.max(0, ((x - x1) * dx + (y - y1) * dy) / length2));
  return Math.sqrt((x - x1 - t * dx) ** 2 + (y - y1 - t * dy) ** 2);
}

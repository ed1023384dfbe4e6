import assert from 'node:assert/strict';
import sharp from 'sharp';
import { renderHeatmap } from '../../../ts/plots/index.js';
import { upsampleBicubic } from '../../../ts/plots/bicubic.js';
import { heatColors } from '../../../ts/plots/colormap.js';
import { strokeText, strokeTextWidth } from '../../../ts/plots/stroke-font.js';

const grey = { data: new Uint8Array(32 * 32 * 3).fill(128), width: 32, height: 32 };

function peakAt(
  row: number,
  column: number,
): { values: Float32Array; rows: number; columns: number } {
  const values = new Float32Array(16);
  values[row * 4 + column] = 1;
  return { values, rows: 4, columns: 4 };
}

async function pixels(
  png: Buffer,
): Promise<{ at: (x: number, y: number) => number[]; width: number; height: number }> {
  const { data, info } = await sharp(png).raw().toBuffer({ resolveWithObject: true });
  assert.equal(info.channels, 3);
  const at = (x: number, y: number): number[] => [
    ...data.subarray((y * info.width + x) * 3, (y * info.width + x) * 3 + 3),
  ];
  return { at, width: info.width, height: info.height };
}

describe('renderHeatmap()', () => {
  it('lights up the patch of most importance and leaves the rest grey', async () => {
    const image = await pixels(
      await renderHeatmap({ image: grey, map: peakAt(1, 2), score: 0.9, size: 256 }),
    );
    assert.equal(image.width, 256);
    assert.ok(image.height > 256);
    const [r, g, b] = image.at(160, 96);
    assert.ok(r! > 180 && r! > b! + 40 && g! > b!, `${r} ${g} ${b}`);
    const corner = image.at(10, 245);
    assert.ok(Math.max(...corner) - Math.min(...corner) <= 2, corner.join());
  });

  it('a flat map lights nothing up, whatever its value', async () => {
    for (const value of [0, 0.3, -7]) {
      const map = { values: new Float32Array(16).fill(value), rows: 4, columns: 4 };
      const image = await pixels(await renderHeatmap({ image: grey, map, score: 0.1, size: 128 }));
      assert.equal(
        new Set([image.at(5, 5), image.at(64, 64), image.at(120, 100)].map(String)).size,
        1,
      );
    }
  });

  it('only the order and the spacing of the importances count', async () => {
    const map = peakAt(0, 3);
    const shifted = { ...map, values: map.values.map((v) => 8 * v + 4) };
    const options = { image: grey, score: 0.5, size: 96 };
    assert.deepEqual(
      await renderHeatmap({ ...options, map }),
      await renderHeatmap({ ...options, map: shifted }),
    );
  });

  it('keeps the shape of an image that is not square', async () => {
    const image = { data: new Uint8Array(40 * 20 * 3), width: 40, height: 20 };
    const { width, height } = await pixels(
      await renderHeatmap({ image, map: peakAt(0, 0), score: 0, size: 200 }),
    );
    assert.equal(width, 200);
    assert.ok(height > 100 && height < 130);
  });

  it('refuses wrong sizes, NaN and values out of range', async () => {
    const map = peakAt(0, 0);
    const good = { image: grey, map, score: 0.5 };
    await assert.rejects(renderHeatmap({ ...good, image: { ...grey, width: 31 } }), {
      code: 'ERR_SHAPE',
    });
    await assert.rejects(renderHeatmap({ ...good, map: { ...map, rows: 3 } }), {
      code: 'ERR_SHAPE',
    });
    await assert.rejects(
      renderHeatmap({ ...good, map: { ...map, values: map.values.map(() => NaN) } }),
      { code: 'ERR_NONFINITE' },
    );
    for (const wrong of [{ score: 1.1 }, { score: NaN }, { size: 10 }, { opacity: 2 }]) {
      assert.throws(() => renderHeatmap({ ...good, ...wrong }), RangeError);
    }
  });
});

describe('heatColors()', () => {
  /** CIE L* a* b* of an sRGB triple (D65), an outside measure of what looks equal. */
  function lab(rgb: number[]): [number, number, number] {
    const [r, g, b] = rgb.map((v) =>
      v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4,
    ) as [number, number, number];
    const xyz = [
      (0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505,
      0.2126 * r + 0.7152 * g + 0.0722 * b,
      (0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089,
    ];
    const [x, y, z] = xyz.map((t) =>
      t > 216 / 24389 ? Math.cbrt(t) : (24389 / 27) * (t / 116) + 16 / 116,
    ) as [number, number, number];
    return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
  }

  const colors = Array.from({ length: 256 }, (_, i) => [
    ...heatColors().subarray(3 * i, 3 * i + 3),
  ]);

  it('gets lighter at every tenth of the way', () => {
    const lightness = colors.filter((_, i) => i % 25 === 0).map((rgb) => lab(rgb)[0]);
    for (let i = 1; i < lightness.length; i++)
      assert.ok(lightness[i]! > lightness[i - 1]! + 2, lightness.join());
  });

  it('takes steps of about one size', () => {
    const steps = Array.from({ length: 15 }, (_, k) => {
      const [a, b] = [lab(colors[17 * k]!), lab(colors[17 * (k + 1)]!)];
      return Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
    });
    // CIELAB and OKLab disagree about saturated colours; a rainbow map fails this by far.
    assert.ok(Math.max(...steps) / Math.min(...steps) < 3, steps.map((s) => s.toFixed(1)).join());
  });
});

describe('upsampleBicubic()', () => {
  it('keeps a constant and stays within the range', () => {
    const flat = upsampleBicubic({ values: [3, 3, 3, 3, 3, 3], rows: 2, columns: 3 }, 17, 11);
    assert.ok(flat.every((v) => Math.abs(v - 3) < 1e-6));
    const peak = upsampleBicubic(peakAt(2, 1), 64, 64);
    assert.ok(peak.every((v) => v >= 0 && v <= 1));
  });

  it('puts a peak where its patch is, symmetric around it', () => {
    const size = 36;
    const peak = upsampleBicubic(peakAt(1, 2), size, size);
    const best = peak.reduce((at, value, i) => (value > peak[at]! + 1e-9 ? i : at), 0);
    assert.deepEqual([Math.floor(best / size), best % size], [13, 22]);
    assert.ok(Math.abs(peak[13 * size + 20]! - peak[13 * size + 24]!) < 1e-6);
  });
});

describe('strokeText()', () => {
  it('has strokes for every character of the legend', () => {
    for (const character of 'P(fake)0123456789.lessmore') {
      assert.ok(strokeText(character, 0, 0, 10).length > 0, character);
    }
  });

  it('stays within its width and height', () => {
    const width = strokeTextWidth('P(fake) 0.97', 20);
    for (const [x1, y1, x2, y2] of strokeText('P(fake) 0.97', 5, 50, 20)) {
      for (const x of [x1, x2]) assert.ok(x >= 5 - 1 && x <= 5 + width + 1, `${x}`);
      for (const y of [y1, y2]) assert.ok(y >= 50 - 23 && y <= 50 + 8, `${y}`);
    }
  });
});

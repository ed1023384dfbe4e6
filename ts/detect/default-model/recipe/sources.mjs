// Writes the lists of images that the recipe trains and measures on: node sources.mjs FACES256 OUT
// A file's source is its name up to the last underscore. The detector that is measured sees nothing of
// the sources in held-*.csv and other-gan.csv. The detector that ships goes on from there with every
// second image of them (rest-trained.csv); rest-gan.csv and rest-diffusion.csv hold the others.
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const CLASSES = ['real', 'fake'];
const [faces, out] = process.argv.slice(2).map((path) => resolve(path));
if (!out) throw new Error('Usage: node sources.mjs FACES256 OUT');

const sourceOf = (name) => name.slice(0, name.lastIndexOf('_'));

// Images of one set and class whose source is named, in order; at most `limit`, spread evenly.
function take(set, label, sources, limit = Infinity) {
  const folder = join(faces, set, CLASSES[label]);
  const names = readdirSync(folder).filter((name) => sources.includes(sourceOf(name))).sort();
  const step = Math.max(1, names.length / limit);
  return Array.from({ length: Math.min(limit, names.length) }, (_, i) => [
    join(folder, names[Math.floor(i * step)]),
    label,
  ]);
}

// The generated faces of a source that more-gan leaves.
function left(source) {
  const taken = new Set(take('extra', 1, [source], 300).map(([path]) => path));
  return take('extra', 1, [source]).filter(([path]) => !taken.has(path));
}

const HELD_GAN = [
  ...take('extra', 1, ['generatedphotos']),
  ...take('extra', 0, ['congress', 'london']),
];
const HELD_DIFFUSION = [
  ...take('cross-diffusion', 1, ['flux']),
  ...take('cross-diffusion', 0, ['congress', 'london', 'unsplash']),
];
const isEven = (_, i) => i % 2 === 0;
const isOdd = (_, i) => i % 2 === 1;

const LISTS = {
  // Trained on, beside faces256/train. SCUT is capped: its faces are about 216 px and would make blur real.
  'more-gan': [
    ...take('extra', 0, ['scut'], 220),
    ...take('extra', 1, ['stylegan'], 300),
    ...take('extra', 1, ['stylegan2'], 300),
  ],
  // Trained on for the detector that ships, not for the comparison of losses.
  diffusion: [
    ...take('cross-diffusion', 1, ['sd21']),
    ...take('extra', 0, ['diputados']),
    ...take('cross-diffusion', 0, ['diputados']),
  ],
  // Other GAN faces against other photos: held out of everything.
  'held-gan': HELD_GAN,
  // The same with one more source of photos, which the GAN-only detectors have not seen either.
  'other-gan': [
    ...take('extra', 1, ['generatedphotos']),
    ...take('extra', 0, ['congress', 'diputados', 'london']),
  ],
  // Diffusion faces against other photos: held out of everything.
  'held-diffusion': HELD_DIFFUSION,
  'rest-trained': [...HELD_GAN.filter(isEven), ...HELD_DIFFUSION.filter(isEven), ...left('stylegan'), ...left('stylegan2')],
  'rest-gan': HELD_GAN.filter(isOdd),
  'rest-diffusion': HELD_DIFFUSION.filter(isOdd),
};

mkdirSync(out, { recursive: true });
for (const [name, rows] of Object.entries(LISTS)) {
  const lines = rows.map(([path, label]) => `"${path.replaceAll('"', '""')}",${label}\n`);
  writeFileSync(join(out, `${name}.csv`), `path,label\n${lines.join('')}`);
  console.log(`${name}: ${rows.length} images`);
}

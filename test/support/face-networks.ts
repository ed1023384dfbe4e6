/** Weights and networks of faces for tests. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DEEPFACE_FILES } from '../../ts/attributes/deepface.js';
import { ATTRIBUTE_FILES, HUMAN_MODELS } from '../../ts/attributes/human-models.js';
import { convertCheckpoint } from '../../ts/convert/index.js';
import type { RgbImage } from '../../ts/data/rgb-image.js';
import { assetsFolder } from '../../ts/hub/environment.js';
import { callNative } from '../../ts/native.js';
import type {
  NativeAttributeNetwork,
  NativeBlazeFace,
  NativeBlazeFaceOptions,
  NativeFaceAttributes,
} from '../../ts/native/faces.js';
import { sharedPath } from './shared.js';

const PLACE = { device: 'cpu', dtype: 'fp32' } as const;

/** What `deepcode pull attributes` left in the cache; undefined when it was never called. */
export function pulledModels(): string | undefined {
  const folder = join(assetsFolder(), HUMAN_MODELS.name.replace(/^@/, '').replace('/', '--'), HUMAN_MODELS.version);
  return Object.values(ATTRIBUTE_FILES).every((file) => existsSync(join(folder, file))) ? folder : undefined;
}

/** BlazeFace's published weights, converted into `folder`; undefined where there are none. */
export async function blazeFaceWeights(folder: string): Promise<string | undefined> {
  const source = sharedPath('models/blazeface/blazefaceback.pth');
  if (source === undefined) return undefined;
  const target = join(folder, 'blazeface.safetensors');
  await convertCheckpoint(source, target);
  return target;
}

/** The three networks of MTCNN, converted into `folder`; undefined where there are none. */
export async function mtcnnWeights(folder: string): Promise<string | undefined> {
  const source = sharedPath('models/mtcnn');
  if (source === undefined) return undefined;
  for (const name of ['pnet', 'rnet', 'onet']) {
    await convertCheckpoint(join(source, `${name}.pt`), join(folder, `${name}.safetensors`));
  }
  return folder;
}

export function openBlazeFace(weights: string, blazeface: NativeBlazeFaceOptions): Promise<NativeBlazeFace> {
  return callNative(undefined, (addon, token) => addon.blazeFaceLoad({ blazeface, weights, ...PLACE }, token));
}

export function openAttributes(weights: string, network: NativeAttributeNetwork): Promise<NativeFaceAttributes> {
  return callNative(undefined, (addon, token) => addon.faceAttributesLoad({ ...network, weights, batchSize: 2, ...PLACE }, token));
}

/** The two pictures of graph_model.py's synthetic_images, one after the other. */
export function syntheticImages(size: number, channels: number): Uint8Array {
  const images = new Uint8Array(2 * size * size * channels);
  const half = Math.floor(size / 2);
  for (let i = 0; i < images.length / 2; i++) {
    const [c, x, y] = [i % channels, Math.floor(i / channels) % size, Math.floor(i / channels / size)];
    images[i] = (7 * x + 13 * y + 61 * c) % 256;
    images[images.length / 2 + i] = (Math.floor(((x - half) ** 2 + (y - half) ** 2) / 16) + 29 * c) % 256;
  }
  return images;
}

/** The formula of `picture` in test/parity/deepface/networks.py: RGB. */
export function syntheticPicture(width: number, height: number): RgbImage {
  const data = new Uint8Array(width * height * 3);
  const half = Math.floor(width / 2) + 1;
  for (let i = 0; i < data.length; i++) {
    const [c, x, y] = [i % 3, Math.floor(i / 3) % width, Math.floor(i / 3 / width)];
    data[i] = (Math.floor((x * x) / 16) + 3 * y + 61 * c + Math.floor((x * y) / half)) % 256;
  }
  return { width, height, data };
}

const DEEPFACE_FIXTURES = join(__dirname, '..', 'parity', 'deepface');

/** The narrow networks of test/parity/deepface, converted into `folder` as a user does it. */
export async function deepFaceWeights(folder: string, attributes = Object.keys(DEEPFACE_FILES)): Promise<string> {
  for (const attribute of attributes) {
    const file = DEEPFACE_FILES[attribute as keyof typeof DEEPFACE_FILES];
    await convertCheckpoint(join(DEEPFACE_FIXTURES, file.replace('.safetensors', '.h5')), join(folder, file), { layout: 'pytorch' });
  }
  return folder;
}

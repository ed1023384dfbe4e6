/** The default networks of attributes: how they are loaded, and which picture of a face each of them wants. */
import { join } from 'node:path';
import type { RgbImage } from '../data/rgb-image.js';
import { cropFace, type FaceCropOptions } from '../faces/crop-face.js';
import type { DetectedFace } from '../faces/detected-face.js';
import { callNative } from '../native.js';
import type { NativeAttributeNetwork, NativeFaceAttributes } from '../native/faces.js';
import type { ResolvedRuntime } from '../runtime.js';
import type { AttributeModels } from './human-models.js';
import { fromEmotion, fromGear } from './network-outputs.js';
import type { FaceAttributes } from './face-attributes.js';

/** What the networks say of one face. */
export type ReadAttributes = Omit<FaceAttributes, 'region' | 'face_confidence'>;

/** A loaded network of attributes. */
export interface FaceReader {
  /** One result a face. Rejects with ERR_NONFINITE, ERR_DISPOSED, AbortError. */
  read(image: RgbImage, faces: readonly DetectedFace[], signal: AbortSignal | undefined): Promise<ReadAttributes[]>;
  /** Idempotent. */
  dispose(): void;
}

interface AttributeNetworkUse {
  native: NativeAttributeNetwork;
  channels: 1 | 3;
  crop: Required<FaceCropOptions>;
  /** From which share of the image's shorter side on the crop is replaced by the image's middle; Infinity: never. */
  wholeFrom: number;
  /** From one row of each output. */
  toAttributes(outputs: Record<string, Float32Array>): ReadAttributes;
}

/**
 * GEAR was trained on UTKFace's aligned pictures, in which the detector's box takes 0.7 of the side; the margin gives
 * about the same framing. It is sensitive to framing: a picture that was cut to a face already is better left as it is.
 * The expressions of FER2013 are framed more tightly.
 */
export const NETWORK_USES: Readonly<Record<'gear' | 'emotion', AttributeNetworkUse>> = {
  gear: {
    native: {
      network: 'gear',
      options: { channels: [32, 64, 96, 128, 160, 192], ageHidden: 256, genderHidden: 128, raceHidden: 128 },
    },
    channels: 3,
    crop: { size: 198, margin: 0.4, align: true },
    wholeFrom: 0.8,
    toAttributes: ({ age, gender, race }) => fromGear({ age: age!, gender: gender!, race: race! }),
  },
  emotion: {
    native: { network: 'emotion', options: { channels: [32, 64, 128, 256] } },
    channels: 1,
    crop: { size: 64, margin: 0.2, align: true },
    wholeFrom: Infinity,
    toAttributes: ({ emotion }) => fromEmotion(emotion!),
  },
};

/** ITU-R BT.601, as OpenCV and Pillow turn colours to grey. */
export function greyOf({ data }: RgbImage): Uint8Array {
  const grey = new Uint8Array(data.length / 3);
  for (let i = 0; i < grey.length; i++) {
    grey[i] = Math.round(0.299 * data[3 * i]! + 0.587 * data[3 * i + 1]! + 0.114 * data[3 * i + 2]!);
  }
  return grey;
}

/** The largest square in the middle of the image. */
function middleOf({ width, height }: RgbImage): DetectedFace['box'] {
  const side = Math.min(width, height);
  return { x: (width - side) / 2, y: (height - side) / 2, width: side, height: side };
}

function pictureOf(image: RgbImage, face: DetectedFace, { crop, wholeFrom }: AttributeNetworkUse): Promise<RgbImage> {
  const side = Math.max(face.box.width, face.box.height) * (1 + crop.margin);
  const whole = side >= wholeFrom * Math.min(image.width, image.height);
  return whole
    ? cropFace(image, { ...face, box: middleOf(image) }, { size: crop.size, margin: 0, align: false })
    : cropFace(image, face, crop);
}

async function picturesOf(image: RgbImage, faces: readonly DetectedFace[], use: AttributeNetworkUse): Promise<Uint8Array> {
  const pictures: Uint8Array[] = [];
  for (const face of faces) {
    const picture = await pictureOf(image, face, use);
    pictures.push(use.channels === 1 ? greyOf(picture) : picture.data);
  }
  return Buffer.concat(pictures);
}

/** Row `i` of `count` in each output. */
export function rowOf(outputs: Record<string, Float32Array>, i: number, count: number): Record<string, Float32Array> {
  const row = (values: Float32Array): Float32Array => values.subarray((i * values.length) / count, ((i + 1) * values.length) / count);
  return Object.fromEntries(Object.entries(outputs).map(([name, values]) => [name, row(values)]));
}

class AttributeReader implements FaceReader {
  readonly #network: NativeFaceAttributes;
  readonly #use: AttributeNetworkUse;

  constructor(network: NativeFaceAttributes, use: AttributeNetworkUse) {
    this.#network = network;
    this.#use = use;
  }

  async read(image: RgbImage, faces: readonly DetectedFace[], signal: AbortSignal | undefined): Promise<ReadAttributes[]> {
    if (faces.length === 0) return [];
    const pictures = await picturesOf(image, faces, this.#use);
    const outputs = await callNative(signal, (_, token) => this.#network.read(pictures, faces.length, token));
    return faces.map((_, i) => this.#use.toAttributes(rowOf(outputs, i, faces.length)));
  }

  dispose(): void {
    this.#network.dispose();
  }
}

/** Rejects with ERR_WEIGHTS_*, ERR_IO, ERR_DEVICE, AbortError. */
export async function loadAttributeReaders(
  { folder, files }: Pick<AttributeModels, 'folder' | 'files'>,
  runtime: ResolvedRuntime,
  signal: AbortSignal | undefined,
): Promise<FaceReader[]> {
  const readers: FaceReader[] = [];
  try {
    for (const [name, use] of Object.entries(NETWORK_USES)) {
      const weights = join(folder, files[name as keyof typeof NETWORK_USES]);
      const spec = { ...use.native, weights, batchSize: 1, ...runtime };
      const network = await callNative(signal, (addon, token) => addon.faceAttributesLoad(spec, token));
      readers.push(new AttributeReader(network, use));
    }
  } catch (error) {
    for (const reader of readers) reader.dispose();
    throw error;
  }
  return readers;
}

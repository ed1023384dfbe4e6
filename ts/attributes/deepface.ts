/**
 * DeepFace's own networks (Serengil and Ozpinar 2021, "HyperExtended LightFace"): VGG-Face for age, gender and race, and a
 * small network for the emotion, from the .h5 files that DeepFace downloads, converted by `deepcode convert --layout
 * pytorch` under their names.
 *
 * A face is cut out as DeepFace does it: the detector's box in whole pixels, turned about its middle so that the eyes are
 * level. The addon enlarges or reduces it to 224 x 224 with black beside it, as BGR from 0 to 1. Differences: BlazeFace
 * finds the faces, and turning is bilinear instead of bicubic.
 */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { RgbImage } from '../data/rgb-image.js';
import { DeepcodeError } from '../errors.js';
import { eyeAngle, windowMatrix } from '../faces/crop-face.js';
import type { DetectedFace } from '../faces/detected-face.js';
import { callNative } from '../native.js';
import type { NativeDeepFace, NativeDeepFaceFiles } from '../native/deepface.js';
import type { ResolvedRuntime } from '../runtime.js';
import { rowOf, type FaceReader, type ReadAttributes } from './attribute-networks.js';
import { fromDeepFace } from './network-outputs.js';

/** By attribute: DeepFace's names with another ending. */
export const DEEPFACE_FILES = {
  age: 'age_model_weights.safetensors',
  gender: 'gender_model_weights.safetensors',
  race: 'race_model_single_batch.safetensors',
  emotion: 'facial_expression_model_weights.safetensors',
} as const satisfies Record<keyof NativeDeepFaceFiles, string>;

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    (status) => status.isFile(),
    () => false,
  );
}

/** Those files that `folder` has. Rejects with ERR_IO where there is none. */
async function filesOf(folder: string): Promise<NativeDeepFaceFiles> {
  const files: NativeDeepFaceFiles = { age: undefined, gender: undefined, race: undefined, emotion: undefined };
  for (const [attribute, name] of Object.entries(DEEPFACE_FILES)) {
    const path = join(folder, name);
    if (await exists(path)) files[attribute as keyof NativeDeepFaceFiles] = path;
  }
  if (Object.values(files).some((path) => path !== undefined)) return files;
  const example = 'deepcode convert age_model_weights.h5 FOLDER/age_model_weights.safetensors --layout pytorch';
  throw new DeepcodeError('ERR_IO', `The folder has none of DeepFace's networks, such as ${DEEPFACE_FILES.age}. Make them with: ${example}`);
}

/** The face in its own pixels. */
async function cutOut(image: RgbImage, face: DetectedFace): Promise<RgbImage> {
  const { box } = face;
  const [width, height] = [box.width, box.height].map((side) => Math.max(1, Math.round(side))) as [number, number];
  const center = [Math.round(box.x) + width / 2, Math.round(box.y) + height / 2] as const;
  const matrix = windowMatrix({ center, width, height, scale: 1, angle: eyeAngle(face) });
  const source = { sourceWidth: image.width, sourceHeight: image.height };
  return callNative(undefined, (addon) => addon.imageAffineCrop(image.data, { ...source, width, height, matrix, fill: [0, 0, 0] }));
}

class DeepFaceReader implements FaceReader {
  readonly #network: NativeDeepFace;

  constructor(network: NativeDeepFace) {
    this.#network = network;
  }

  async read(image: RgbImage, faces: readonly DetectedFace[], signal: AbortSignal | undefined): Promise<ReadAttributes[]> {
    if (faces.length === 0) return [];
    const pictures: RgbImage[] = [];
    for (const face of faces) pictures.push(await cutOut(image, face));
    const pixels = Buffer.concat(pictures.map(({ data }) => data));
    const sizes = { widths: pictures.map(({ width }) => width), heights: pictures.map(({ height }) => height) };
    const outputs = await callNative(signal, (_, token) => this.#network.read(pixels, sizes, token));
    return faces.map((_, i) => fromDeepFace(rowOf(outputs, i, faces.length)));
  }

  dispose(): void {
    this.#network.dispose();
  }
}

/**
 * Loads the networks of a folder with at least one of {@link DEEPFACE_FILES}; attributes without a file are not read.
 * Rejects with ERR_WEIGHTS_*, ERR_IO, ERR_DEVICE, AbortError.
 */
export async function loadDeepFaceReader(folder: string, runtime: ResolvedRuntime, signal: AbortSignal | undefined): Promise<FaceReader> {
  const spec = { ...(await filesOf(folder)), ...runtime };
  return new DeepFaceReader(await callNative(signal, (addon, token) => addon.deepFaceLoad(spec, token)));
}

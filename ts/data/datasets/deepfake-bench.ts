/**
 * The dataset JSON of DeepfakeBench (Yan et al. 2023):
 * {set: {method: {split: {video: {label, frames: [path]}}}}}, for FaceForensics++ with a compression level
 * (c23, c40, raw) between split and video.
 */
import { readFile } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import { throwIfAborted } from '../../abortable.js';
import { datasetError, type DatasetOptions, type DatasetSample, type SkipLog, type Split } from './dataset.js';
import { ExistingFiles } from './existing-files.js';
import { labelOfWord, splitOfWord } from './names.js';

type Json = Readonly<Record<string, unknown>>;

interface Video {
  method: string;
  split: Split;
  /** "method/video", for messages. */
  name: string;
  label: 0 | 1;
  frames: readonly string[];
}

/** Manipulation methods whose label names do not end in real or fake. */
const FAKE_METHODS: ReadonlySet<string> = new Set([
  'FF-DF', 'FF-F2F', 'FF-FS', 'FF-NT', 'FF-FH', 'FF-SH', 'FaceShifter', 'DFDCP_FakeA', 'DFDCP_FakeB',
]); // prettier-ignore

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** `FF-real`, `CelebDFv2_fake`, `DFDC_Real`: the word after the last separator says the class. */
function labelOfMethod(label: string): 0 | 1 | undefined {
  return FAKE_METHODS.has(label) ? 1 : labelOfWord(label.split(/[-_]/).at(-1)!);
}

function isVideo(value: unknown): value is { label: string; frames: string[] } {
  if (!isObject(value) || typeof value['label'] !== 'string' || !Array.isArray(value['frames'])) return false;
  return value['frames'].every((frame) => typeof frame === 'string');
}

/** True for the parsed content of such a file. */
export function isDeepfakeBench(content: unknown): content is Json {
  if (!isObject(content)) return false;
  const methods = Object.values(content).find(isObject);
  const splits = methods && Object.values(methods).find(isObject);
  return splits !== undefined && Object.keys(splits).some((name) => splitOfWord(name) !== undefined);
}

/** The videos of a split, at the wanted compression level where there are levels. */
function videosOf(split: Json, compression: string): Json {
  if (Object.values(split).every(isVideo)) return split;
  const level = split[compression];
  return isObject(level) ? level : {};
}

function* videos(content: Json, name: string, compression: string): Generator<Video> {
  for (const methods of Object.values(content).filter(isObject)) {
    for (const [method, splits] of Object.entries(methods)) {
      for (const [splitName, inside] of Object.entries(isObject(splits) ? splits : {})) {
        const split = splitOfWord(splitName);
        if (split === undefined) throw datasetError(name, `expected train, val or test but found ${splitName}.`);
        for (const [id, video] of Object.entries(isObject(inside) ? videosOf(inside, compression) : {})) {
          if (!isVideo(video)) throw datasetError(name, `expected label and frames in ${method}/${id}.`);
          const label = labelOfMethod(video.label);
          if (label === undefined) throw datasetError(name, `the label ${video.label} is neither real nor fake.`);
          yield { method, split, name: `${method}/${id}`, label, frames: video.frames };
        }
      }
    }
  }
}

export async function readDeepfakeBench(
  file: string,
  options: Pick<DatasetOptions, 'root' | 'compression' | 'signal'>,
  skipped: SkipLog,
): Promise<DatasetSample[]> {
  const content: unknown = JSON.parse(await readFile(file, 'utf8'));
  const name = basename(file);
  if (!isDeepfakeBench(content)) throw datasetError(name, 'expected the dataset JSON of DeepfakeBench.');
  const root = resolve(options.root ?? dirname(file));
  const files = new ExistingFiles();
  const samples: DatasetSample[] = [];
  for (const video of videos(content, name, options.compression ?? 'c23')) {
    throwIfAborted(options.signal);
    for (const frame of video.frames) {
      const local = frame.replaceAll('\\', '/');
      const path = isAbsolute(local) ? local : join(root, local);
      const { label, split, method: source } = video;
      const sample = { path, name: local.replace(/^\/+/, ''), label, source, split, columns: {} };
      if (await files.has(path)) samples.push(sample);
      else skipped.add(video.name, `names a file that does not exist: ${local.slice(-80)}`);
    }
  }
  return samples;
}

/** The networks that say what is in a photo: attributes of its largest face, and a caption. */
import { FaceAnalyzer } from '../attributes/face-analyzer.js';
import type { FaceAttributes } from '../attributes/face-attributes.js';
import { ImageCaptioner } from '../caption/image-captioner.js';
import { decodeImage } from '../data/decode.js';
import { DeepcodeError } from '../errors.js';
import type { PromptSubject } from '../generate/prompt/prompt.js';
import type { DownloadProgress } from '../hub/index.js';
import type { RuntimeOptions } from '../runtime.js';
import { parseTraits, type FaceTrait, type SynthesisSettings } from './options.js';
import type { PhotoReading } from './record.js';

export type PhotoNetworksOptions = RuntimeOptions & {
  settings: SynthesisSettings;
  signal: AbortSignal | undefined;
  onDownload: ((progress: DownloadProgress) => void) | undefined;
};

/** What a trait is called in the result of the networks. */
const FIELDS = {
  age: ['age'],
  gender: ['gender', 'dominant_gender'],
  race: ['race', 'dominant_race'],
  emotion: ['emotion', 'dominant_emotion'],
} as const satisfies Readonly<Record<FaceTrait, readonly (keyof FaceAttributes)[]>>;

function largest(faces: readonly FaceAttributes[]): FaceAttributes | undefined {
  const area = ({ region }: FaceAttributes): number => region.w * region.h;
  return faces.reduce<FaceAttributes | undefined>((best, face) => (best && area(best) >= area(face) ? best : face), undefined);
}

function subjectOf(face: FaceAttributes, traits: readonly FaceTrait[]): PromptSubject {
  const names = traits.flatMap((trait): readonly (keyof FaceAttributes)[] => FIELDS[trait]);
  return Object.fromEntries(names.map((name) => [name, face[name]])) as PromptSubject;
}

/** The same readings on every device. */
const DTYPE = 'fp32';

async function loadCaptioner({ settings, signal, device, threads }: PhotoNetworksOptions): Promise<ImageCaptioner | undefined> {
  const { captionModel } = settings;
  return captionModel === undefined ? undefined : ImageCaptioner.load(captionModel, { device, dtype: DTYPE, threads, signal });
}

export class PhotoNetworks {
  readonly #traits: readonly FaceTrait[];
  readonly #minScore: number;
  readonly #analyzer: FaceAnalyzer | undefined;
  readonly #captioner: ImageCaptioner | undefined;

  private constructor(settings: SynthesisSettings, analyzer: FaceAnalyzer | undefined, captioner: ImageCaptioner | undefined) {
    this.#traits = parseTraits(settings.attributes);
    this.#minScore = settings.minScore;
    this.#analyzer = analyzer;
    this.#captioner = captioner;
  }

  /** Rejects as `FaceAnalyzer.load` and `ImageCaptioner.load` do. */
  static async load(options: PhotoNetworksOptions): Promise<PhotoNetworks> {
    const { settings, signal, onDownload, device, threads } = options;
    const { attributeModels: models, deepface } = settings;
    const wanted = parseTraits(settings.attributes).length > 0;
    const face = { models, deepface, signal, onDownload, device, dtype: DTYPE, threads } as const;
    const analyzer = wanted ? await FaceAnalyzer.load(face) : undefined;
    try {
      return new PhotoNetworks(settings, analyzer, await loadCaptioner(options));
    } catch (error) {
      analyzer?.dispose();
      throw error;
    }
  }

  /** Rejects with ERR_IMAGE, also for a photo without a face, ERR_NONFINITE, ERR_OUT_OF_MEMORY or AbortError. */
  async read(bytes: Uint8Array, signal: AbortSignal | undefined): Promise<PhotoReading> {
    const reading = await this.#readFace(bytes, signal);
    if (this.#captioner === undefined) return reading;
    const { text } = await this.#captioner.caption(bytes, { signal });
    return { ...reading, subject: { ...reading.subject, caption: text } };
  }

  dispose(): void {
    this.#analyzer?.dispose();
    this.#captioner?.dispose();
  }

  async #readFace(bytes: Uint8Array, signal: AbortSignal | undefined): Promise<PhotoReading> {
    const image = await decodeImage(bytes, { signal });
    if (this.#analyzer === undefined) return { faces: null, region: null, subject: {} };
    const faces = await this.#analyzer.analyze(image, { minScore: this.#minScore, signal });
    const face = largest(faces);
    if (face === undefined) throw new DeepcodeError('ERR_IMAGE', 'No face was found in it. Try a lower --min-score.');
    return { faces: faces.length, region: face.region, subject: subjectOf(face, this.#traits) };
  }
}

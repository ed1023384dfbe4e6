/** One wrong call for every function of the public interface, with the error that it must throw at once. */
import * as deepcode from '../../ts/index.js';

export type Thrown = 'TypeError' | 'RangeError';
export type ArgumentCase = readonly [name: string, thrown: Thrown, call: () => unknown];

const wrong = <T>(value: unknown): T => value as T;
const pixels = { width: 1, height: 1, data: new Uint8Array(3) };
const preprocessing = wrong<deepcode.Preprocessing>({
  inputSize: [3, 8, 8],
  interpolation: 'bicubic',
  cropPct: 0.9,
  cropMode: 'center',
  mean: [0, 0, 0],
  std: [1, 1, 1],
});
const badLabel = { scores: [0.5], labels: [2] };

/** A detector that was never loaded: argument checks come before anything is asked of it. */
const detector = Object.create(deepcode.Detector.prototype) as deepcode.Detector;

/** The same of a model of Stable Diffusion. */
const diffusion = Object.create(deepcode.TextToImage.prototype) as deepcode.TextToImage;
const prompted = (options: object): (() => unknown) => () =>
  diffusion.generate(wrong<deepcode.GenerateOptions>({ prompt: 'a', ...options }));
/** And of a sampler that was never made. */
const sampler = Object.create(deepcode.Scheduler.prototype) as deepcode.Scheduler;
const sample = new Float32Array(4);
const latents = { dtype: 'F32', shape: [1, 4, 8, 8], data: new Float32Array(256) };

export const ARGUMENT_CASES: readonly ArgumentCase[] = [
  ['Detector.load', 'TypeError', () => deepcode.Detector.load(wrong(5))],
  ['Detector.load', 'TypeError', () => deepcode.Detector.load('')],
  ['Detector.load', 'TypeError', () => deepcode.Detector.load('m', wrong(null))],
  ['Detector.load', 'TypeError', () => deepcode.Detector.load('m', { device: 'tpu' })],
  ['Detector.load', 'TypeError', () => deepcode.Detector.load('m', { dtype: wrong('fp8') })],
  ['Detector.load', 'RangeError', () => deepcode.Detector.load('m', { batchSize: 0 })],
  ['Detector.load', 'RangeError', () => deepcode.Detector.load('m', { threads: -1 })],
  ['Detector.load', 'TypeError', () => deepcode.Detector.load('m', { signal: wrong({}) })],
  ['Detector.load', 'TypeError', () => deepcode.Detector.load('m', { adapter: wrong(1) })],
  ['Detector#detect', 'TypeError', () => detector.detect(wrong(5))],
  ['Detector#detect', 'TypeError', () => detector.detect('')],
  ['Detector#detect', 'TypeError', () => detector.detect(wrong(['a.jpg', null]))],
  ['Detector#detect', 'RangeError', () => detector.detect(['a.jpg'], { batchSize: 2000 })],
  [
    'Detector#detect',
    'RangeError',
    () => detector.detect('a.jpg', { unsureBand: { from: 0.6, to: 0.5 } }),
  ],
  ['Detector#detect', 'TypeError', () => detector.detect('a.jpg', { unsureBand: wrong([0, 1]) })],
  ['Detector#detect', 'TypeError', () => detector.detect('a.jpg', { features: wrong('yes') })],
  ['Detector#detect', 'TypeError', () => detector.detect('a.jpg', wrong(null))],
  ['Detector#detectAll', 'TypeError', () => detector.detectAll(wrong<string[]>('a.jpg'))],
  ['Detector#detectAll', 'TypeError', () => detector.detectAll(wrong<string[]>(new Uint8Array(1)))],
  ['Detector#detectAll', 'TypeError', () => detector.detectAll([], { signal: wrong('now') })],
  ['Detector#heatmap', 'TypeError', () => detector.heatmap(wrong({}))],
  ['Detector#heatmap', 'TypeError', () => detector.heatmap('a.jpg', { direction: wrong('up') })],
  ['evaluateDetector', 'TypeError', () => deepcode.evaluateDetector(detector, wrong('samples'))],
  [
    'evaluateDetector',
    'RangeError',
    () => deepcode.evaluateDetector(detector, [], { threshold: 2 }),
  ],
  ['train', 'RangeError', () => deepcode.train({ data: ['d'], model: 'm', epochs: 0 })],
  ['train', 'TypeError', () => deepcode.train({ data: wrong('d') })],
  ['compare', 'RangeError', () => deepcode.compare({ data: ['d'], model: 'm', epochs: 0 })],
  ['mergeAdapter', 'TypeError', () => deepcode.mergeAdapter({})],
  ['TextToImage.load', 'TypeError', () => deepcode.TextToImage.load('')],
  ['TextToImage.load', 'TypeError', () => deepcode.TextToImage.load(wrong(5))],
  ['TextToImage.load', 'TypeError', () => deepcode.TextToImage.load('m', wrong(null))],
  ['TextToImage.load', 'TypeError', () => deepcode.TextToImage.load('m', { device: 'tpu' })],
  ['TextToImage.load', 'TypeError', () => deepcode.TextToImage.load('m', { variant: '../x' })],
  ['TextToImage.load', 'TypeError', () => deepcode.TextToImage.load('m', { loras: wrong('x') })],
  ['TextToImage.load', 'TypeError', () => deepcode.TextToImage.load('m', { loras: [{ path: '' }] })],
  ['TextToImage.load', 'TypeError', () => deepcode.TextToImage.load('m', { loras: [{ path: 'x', scale: NaN }] })],
  ['TextToImage.load', 'TypeError', () => deepcode.TextToImage.load('m', { safetyChecker: wrong(1) })],
  ['TextToImage.load', 'TypeError', () => deepcode.TextToImage.load('m', { signal: wrong({}) })],
  ['TextToImage#generate', 'TypeError', () => diffusion.generate('')],
  ['TextToImage#generate', 'TypeError', () => diffusion.generate('  \n ')],
  ['TextToImage#generate', 'TypeError', () => diffusion.generate(wrong(null))],
  ['TextToImage#generate', 'TypeError', prompted({ prompt: 5 })],
  ['TextToImage#generate', 'RangeError', prompted({ prompt: 'word '.repeat(10_000) })],
  ['TextToImage#generate', 'RangeError', prompted({ negativePrompt: 'word '.repeat(10_000) })],
  ['TextToImage#generate', 'RangeError', prompted({ width: 0 })],
  ['TextToImage#generate', 'RangeError', prompted({ width: 13 })],
  ['TextToImage#generate', 'RangeError', prompted({ height: 8192 })],
  ['TextToImage#generate', 'RangeError', prompted({ steps: 0 })],
  ['TextToImage#generate', 'RangeError', prompted({ steps: 10_000 })],
  ['TextToImage#generate', 'RangeError', prompted({ guidanceScale: NaN })],
  ['TextToImage#generate', 'RangeError', prompted({ guidanceRescale: 2 })],
  ['TextToImage#generate', 'TypeError', prompted({ scheduler: 'magic' })],
  ['TextToImage#generate', 'RangeError', prompted({ eta: -1 })],
  ['TextToImage#generate', 'RangeError', prompted({ seed: -1 })],
  ['TextToImage#generate', 'RangeError', prompted({ seed: Number.MAX_SAFE_INTEGER, count: 2 })],
  ['TextToImage#generate', 'RangeError', prompted({ count: 0 })],
  ['TextToImage#generate', 'RangeError', prompted({ image: pixels, strength: 0 })],
  ['TextToImage#generate', 'TypeError', prompted({ image: {} })],
  ['TextToImage#generate', 'TypeError', prompted({ image: { width: 2, height: 2, data: new Uint8Array(1) } })],
  ['TextToImage#generate', 'TypeError', prompted({ latents: 5 })],
  ['TextToImage#generate', 'TypeError', prompted({ latents: { ...latents, shape: [4, 8, 8] } })],
  ['TextToImage#generate', 'TypeError', prompted({ latents, image: pixels })],
  ['TextToImage#generate', 'TypeError', prompted({ preview: 'yes' })],
  ['TextToImage#generate', 'TypeError', prompted({ onWarning: 'yes' })],
  ['TextToImage#generate', 'TypeError', prompted({ signal: {} })],
  ['TextToImage#inspectPrompt', 'TypeError', () => diffusion.inspectPrompt(wrong(5))],
  ['readPngMetadata', 'TypeError', () => deepcode.readPngMetadata(wrong('x.png'))],
  ['makeScheduler', 'TypeError', () => deepcode.makeScheduler(wrong(5))],
  ['makeScheduler', 'TypeError', () => deepcode.makeScheduler({}, wrong(null))],
  ['makeScheduler', 'TypeError', () => deepcode.makeScheduler({}, { name: wrong('dpm') })],
  ['makeScheduler', 'TypeError', () => deepcode.makeScheduler({}, { spacing: wrong('random') })],
  ['makeScheduler', 'TypeError', () => deepcode.makeScheduler({}, { eta: 2 })],
  ['Scheduler#setTimesteps', 'RangeError', () => sampler.setTimesteps(0)],
  ['Scheduler#scaleInput', 'TypeError', () => sampler.scaleInput(wrong([0]), 0)],
  ['Scheduler#step', 'RangeError', () => sampler.step(sample, 0, sample.subarray(1))],
  ['Scheduler#step', 'RangeError', () => sampler.step(sample, -1, sample)],
  ['Scheduler#addNoise', 'RangeError', () => sampler.addNoise(sample, sample, 0, 3)],
  ['Scheduler#firstIndex', 'TypeError', () => sampler.firstIndex(4, 2)],
  ['setThreads', 'RangeError', () => deepcode.setThreads(-1)],
  ['SafetensorsFile.open', 'TypeError', () => deepcode.SafetensorsFile.open(wrong(5))],
  ['readSafetensors', 'TypeError', () => deepcode.readSafetensors(wrong(5))],
  [
    'writeSafetensors',
    'TypeError',
    () =>
      deepcode.writeSafetensors('f', {
        a: wrong({ dtype: 'X9', shape: [1], data: new Float32Array(1) }),
      }),
  ],
  ['ImageLoader', 'RangeError', () => new deepcode.ImageLoader({ preprocessing, workers: 0 })],
  [
    'augmentedCrop',
    'RangeError',
    () => deepcode.augmentedCrop(pixels, preprocessing, undefined, -1),
  ],
  ['cropImage', 'TypeError', () => deepcode.cropImage(wrong(5), preprocessing)],
  ['decodeImage', 'TypeError', () => deepcode.decodeImage(wrong(5))],
  ['decodeImage', 'RangeError', () => deepcode.decodeImage('a.jpg', { maxPixels: 0 })],
  ['makePseudoFake', 'TypeError', () => deepcode.makePseudoFake(wrong(5), 1)],
  ['makePseudoFake', 'RangeError', () => deepcode.makePseudoFake(pixels, -1)],
  ['makePseudoFake', 'TypeError', () => deepcode.makePseudoFake(pixels, 1, [wrong('swap')])],
  ['openDataset', 'TypeError', () => deepcode.openDataset(wrong(5))],
  ['openDataset', 'TypeError', () => deepcode.openDataset('d', { split: wrong('half') })],
  ['prepareImage', 'TypeError', () => deepcode.prepareImage(wrong(5), preprocessing)],
  [
    'resampleImage',
    'RangeError',
    () => deepcode.resampleImage(wrong(pixels), { width: 0, height: 1 }),
  ],
  ['accuracy', 'RangeError', () => deepcode.accuracy(wrong(badLabel))],
  ['averagePrecision', 'RangeError', () => deepcode.averagePrecision(badLabel)],
  [
    'bootstrapInterval',
    'RangeError',
    () =>
      deepcode.bootstrapInterval({ scores: [0.5, 0.6], labels: [0, 1] }, () => 0, {
        confidence: 2,
      }),
  ],
  ['brierScore', 'RangeError', () => deepcode.brierScore(badLabel)],
  [
    'confusionMatrix',
    'RangeError',
    () => deepcode.confusionMatrix({ scores: [0.5], labels: [1] }, NaN),
  ],
  ['equalErrorRate', 'RangeError', () => deepcode.equalErrorRate(badLabel)],
  ['evaluateScores', 'RangeError', () => deepcode.evaluateScores({ scores: [2], labels: [1] })],
  [
    'expectedCalibrationError',
    'RangeError',
    () => deepcode.expectedCalibrationError({ scores: [0.5], labels: [1] }, { bins: 0 }),
  ],
  ['fakeProbabilities', 'RangeError', () => deepcode.fakeProbabilities([0, 1], 0)],
  ['fitTemperature', 'RangeError', () => deepcode.fitTemperature([0, 1], [2])],
  ['logLoss', 'RangeError', () => deepcode.logLoss(badLabel)],
  ['precisionRecallCurve', 'RangeError', () => deepcode.precisionRecallCurve(badLabel)],
  [
    'reliabilityBins',
    'RangeError',
    () => deepcode.reliabilityBins({ scores: [0.5], labels: [1] }, { bins: 0.5 }),
  ],
  ['rocAuc', 'RangeError', () => deepcode.rocAuc(badLabel)],
  ['rocCurve', 'RangeError', () => deepcode.rocCurve(badLabel)],
  ['selectThreshold', 'RangeError', () => deepcode.selectThreshold(badLabel, 'youden')],
  [
    'formatTable',
    'TypeError',
    () => deepcode.formatTable({ columns: [{ header: 'a' }], rows: [[]] }),
  ],
  [
    'renderHeatmap',
    'RangeError',
    () =>
      deepcode.renderHeatmap({
        image: pixels,
        map: { values: new Float32Array(1), rows: 1, columns: 1 },
        score: 2,
      }),
  ],
  ['evaluateFairness', 'TypeError', () => deepcode.evaluateFairness(detector, wrong('samples'))],
  ['evaluateFairness', 'TypeError', () => deepcode.evaluateFairness(detector, [], { groups: 'height' })],
  ['evaluateFairness', 'RangeError', () => deepcode.evaluateFairness(detector, [], { resamples: 1 })],
  ['fairnessReport', 'RangeError', () => deepcode.fairnessReport({ ...badLabel, demographics: [{}] })],
  ['thresholdAtFpr', 'RangeError', () => deepcode.thresholdAtFpr([0.5], 2)],
  ['thresholdAtFpr', 'RangeError', () => deepcode.thresholdAtFpr([], 0.1)],
  ['splitByIdentity', 'RangeError', () => deepcode.splitByIdentity([], { valid: 0.6, test: 0.6 })],
  ['convertCheckpoint', 'TypeError', () => deepcode.convertCheckpoint(wrong(5), 'out.safetensors')],
  ['convertCheckpoint', 'TypeError', () => deepcode.convertCheckpoint('a.pth', '')],
  ['convertCheckpoint', 'TypeError', () => deepcode.convertCheckpoint('a.pth', 'a.pth')],
  ['convertCheckpoint', 'TypeError', () => deepcode.convertCheckpoint('a.pth', 'b', { dtype: wrong('fp8') })],
  ['pullModel', 'TypeError', () => deepcode.pullModel(wrong(5))],
  ['resolveModel', 'TypeError', () => deepcode.resolveModel('')],
];

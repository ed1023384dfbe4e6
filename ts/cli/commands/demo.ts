/** `deepcode demo`: the first thing to run. Scores the sample faces and shows what moved one score. */
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Detection } from '../../detect/detection.js';
import { DEFAULT_MODEL_FOLDER } from '../../detect/detector-source.js';
import type { Detector } from '../../detect/detector.js';
import { text } from '../../options.js';
import { PACKAGE_ROOT, packageVersion } from '../../package-version.js';
import { defineCommand, type Program, type Session } from '../define-command.js';
import { paintLabel } from '../detection-lines.js';
import { DETECTOR_FLAGS, loadDetector } from '../detector-flags.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { printable, type Output } from '../output.js';

/** Free to redistribute; CREDITS.md lies beside them. */
const SAMPLES_FOLDER = join(PACKAGE_ROOT, 'test', 'data', 'samples');

interface Sample {
  path: string;
  truth: 'real' | 'fake';
}

type Scored = Sample & { detection: Detection };

/** The samples' names begin with what they are. */
async function samples(): Promise<Sample[]> {
  const names = (await readdir(SAMPLES_FOLDER))
    .filter((name) => /^(real|fake)-.*\.jpg$/.test(name))
    .sort();
  return names.reverse().map((name) => ({
    path: join(SAMPLES_FOLDER, name),
    truth: name.startsWith('real') ? 'real' : 'fake',
  }));
}

async function greet(detector: Detector, output: Output): Promise<void> {
  const { parameters, inputSize, device, dtype } = detector.info;
  const size = `${inputSize[2]} x ${inputSize[1]} pixels`;
  await output.result(
    `${output.paint('bold', `deepcode ${packageVersion()}`)}: is this face photo real, or was it generated?\n` +
      output.paint(
        'dim',
        `A network of ${(parameters / 1e6).toFixed(1)} million parameters looks at ${size}, on ${device} in ${dtype}.`,
      ) +
      '\n',
  );
}

function verdict({ truth, detection: { label } }: Scored, output: Output): string {
  if (label === 'unsure') return output.paint('yellow', 'unsure');
  return label === truth ? output.paint('green', 'right') : output.paint('red', 'wrong');
}

async function scoreSamples(detector: Detector, { output, signal }: Session): Promise<Scored[]> {
  const list = await samples();
  const width = Math.max(...list.map(({ path }) => basename(path).length));
  const header = `${'photo'.padEnd(width)}  truth  label   P(fake)`;
  await output.result(output.paint('dim', header));
  const scored: Scored[] = [];
  for await (const { detection, error } of detector.detectAll(
    list.map(({ path }) => path),
    { signal },
  )) {
    if (error) throw error;
    const sample = { ...list[scored.length]!, detection };
    scored.push(sample);
    const cells = [
      basename(sample.path).padEnd(width),
      sample.truth.padEnd(5),
      paintLabel(output, detection.label, 6),
    ];
    await output.result(
      `${cells.join('  ')}    ${detection.score.toFixed(3)}  ${verdict(sample, output)}`,
    );
  }
  return scored;
}

/** The fake that was found most surely makes the best picture; without one, the highest score does. */
async function drawHeatmap(
  detector: Detector,
  scored: readonly Scored[],
  folder: string,
  signal: AbortSignal,
): Promise<string> {
  const found = scored.filter(
    ({ truth, detection }) => truth === 'fake' && detection.label === 'fake',
  );
  const candidates = found.length > 0 ? found : scored;
  const surest = candidates.reduce((a, b) => (b.detection.score > a.detection.score ? b : a));
  const { png } = await detector.heatmap(surest.path, { signal });
  await mkdir(folder, { recursive: true });
  const file = join(folder, `${basename(surest.path, '.jpg')}.heatmap.png`);
  await writeFile(file, png);
  return file;
}

function summary(scored: readonly Scored[], seconds: number): string {
  const right = scored.filter(({ truth, detection }) => detection.label === truth).length;
  const unsure = scored.filter(({ detection }) => detection.label === 'unsure').length;
  return `${right} of ${scored.length} right, ${unsure} unsure, ${scored.length - right - unsure} wrong, in ${seconds.toFixed(1)} s.`;
}

async function run(folder: string, detector: Detector, session: Session): Promise<ExitCode> {
  const { output, signal } = session;
  await greet(detector, output);
  const started = performance.now();
  const scored = await scoreSamples(detector, session);
  await output.result(`\n${summary(scored, (performance.now() - started) / 1000)}`);
  const file = await drawHeatmap(detector, scored, folder, signal);
  const card =
    detector.info.model === DEFAULT_MODEL_FOLDER
      ? ` Measured accuracy: ${join(DEFAULT_MODEL_FOLDER, 'README.md')}`
      : '';
  await output.result(
    `What moved the score: ${printable(file)}\n` +
      `Eleven photos prove nothing, and a generator that it was not trained on may fool it: a score is a hint.${card}\n\n` +
      'Next: deepcode detect photo.jpg    deepcode train --help    deepcode --help',
  );
  return EXIT.ok;
}

export function register(program: Program): void {
  defineCommand(program, {
    name: 'demo',
    summary: 'score the sample faces and draw what moved a score',
    description:
      'Scores eleven sample faces (credits: test/data/samples/CREDITS.md) and writes one heat map.',
    options: {
      ...DETECTOR_FLAGS,
      out: text({
        default: join('runs', 'demo'),
        placeholder: 'DIR',
        help: 'folder for the heat map',
      }),
    },
    async run(_args, options, session) {
      const detector = await loadDetector(options, session);
      try {
        return await run(options.out, detector, session);
      } finally {
        detector.dispose();
      }
    },
  });
}

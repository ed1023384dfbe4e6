/** Which sides a comparison has on this machine. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { extname, join } from 'node:path';
import { DeepcodeError } from '../errors.js';
import { PACKAGE_ROOT } from '../package-version.js';
import type { BenchJob } from './job.js';
import type { SideCommand } from './side-process.js';

const SCRIPTS = join(PACKAGE_ROOT, 'test', 'bench');

/** A process that runs a file beside this one, compiled or not, as this process is run. */
function nodeSide(title: string, file: string): SideCommand {
  return { title, program: process.execPath, args: [...process.execArgv, join(__dirname, `${file}${extname(__filename)}`)] };
}

export const ownSide = (): SideCommand => nodeSide('deepcode', 'own-side');

export function pythonSide(python: string, workload: BenchJob['workload']): SideCommand {
  const file = workload === 'inference' ? 'timm_inference.py' : 'peft_training.py';
  return { title: workload === 'inference' ? 'timm' : 'timm + PEFT', program: python, args: [join(SCRIPTS, file)] };
}

/** Python writes the job's model as ONNX. @throws DeepcodeError ERR_IO */
export function exportOnnx(python: string, job: BenchJob, file: string): void {
  const { status, stderr } = spawnSync(python, [join(SCRIPTS, 'export_onnx.py'), JSON.stringify(job), file], { encoding: 'utf8' });
  if (status === 0 && existsSync(file)) return;
  throw new DeepcodeError('ERR_IO', `The model was not exported to ONNX: ${(stderr ?? '').trim().slice(-200).replace(/\s+/g, ' ')}`);
}

export const ownDiffusionSide = (): SideCommand => nodeSide('deepcode', 'diffusion-side');

export const ownPipelineSide = (): SideCommand => nodeSide('deepcode', 'pipeline-side');

/** diffusers in eager mode and, where compiling is worth its minutes, compiled. */
export function diffusersSides(python: string, device: string, script: 'diffusers_network.py' | 'diffusers_pipeline.py'): SideCommand[] {
  const eager = { title: 'diffusers', program: python, args: [join(SCRIPTS, script)] };
  if (!device.startsWith('cuda')) return [eager];
  return [eager, { ...eager, title: 'diffusers, compiled', args: [...eager.args, '--compile'] }];
}

export const ownAttributesSide = (): SideCommand => nodeSide('deepcode', 'attributes-side');

/** With V8's collector at hand. */
export function ownMemorySide(): SideCommand {
  const side = nodeSide('deepcode', 'memory-side');
  return { ...side, args: ['--expose-gc', ...side.args] };
}

export const humanSide = (): SideCommand => nodeSide('@vladmandic/human', 'human-side');

export const ownCaptionSide = (): SideCommand => nodeSide('deepcode', 'caption-side');

export const transformersSide = (python: string): SideCommand => ({
  title: 'transformers',
  program: python,
  args: [join(SCRIPTS, 'transformers_caption.py')],
});

export const onnxSide = (): SideCommand => nodeSide('onnxruntime-node', 'onnx-side');

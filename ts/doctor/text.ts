/** The doctor's report as a person reads it. */
import type { DoctorReport } from '../doctor.js';
import type { CpuFeature } from './machine.js';

type Row = readonly [label: string, value: string];

const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`;
const found = (value: string | undefined): string => value ?? 'not found';

function machineRows({ node, system, cpu }: DoctorReport): Row[] {
  const features = (Object.keys(cpu.features) as CpuFeature[]).filter((name) => cpu.features[name]);
  return [
    ['Node.js', `${node.version} (Node-API ${node.napi})`],
    ['system', `${system.platform}, Linux ${system.kernel}, glibc ${found(system.glibc)}`],
    ['memory', `${gigabytes(system.memoryBytes)}, ${gigabytes(system.freeMemoryBytes)} free`],
    ['processor', `${cpu.model}, ${cpu.cores} ${cpu.cores === 1 ? 'core' : 'cores'}`],
    ['instructions', features.join(', ') || 'none of those that matter here'],
    ['bf16', cpu.bf16 ? 'in hardware' : 'not in hardware: weights are rounded, arithmetic is fp32'],
  ];
}

function libtorchRows({ runtime: { libtorch, rejected } }: DoctorReport): Row[] {
  const skipped = rejected.map(({ source, root, reason }): Row => ['', `not ${source} (${root}): ${reason}`]);
  if (libtorch === undefined) return [['libtorch', 'not found'], ...skipped];
  const kind = libtorch.cuda ? 'CUDA build' : 'CPU build';
  return [
    ['libtorch', `${libtorch.version}, ${kind}, from ${libtorch.source}`],
    ['', libtorch.root],
    ...skipped,
  ];
}

function addonRows({ runtime: { addon } }: DoctorReport): Row[] {
  if (addon.path === undefined) return [['addon', 'none that fits']];
  const origin = addon.builtAt
    ? `built ${addon.builtAt.slice(0, 10)} with ${found(addon.compiler)}`
    : found(addon.kind);
  return [
    ['addon', addon.loads ? `loads; ${origin}` : `does not load: ${found(addon.error)}`],
    ['', addon.path],
  ];
}

function runtimeRows({ runtime: { info } }: DoctorReport): Row[] {
  if (info === undefined) return [['CUDA', 'unknown until the addon loads']];
  const { available, devices, reason } = info.cuda;
  return [
    ['kernels', `${info.cpuCapability}, ${info.threads} ${info.threads === 1 ? 'thread' : 'threads'}`],
    ['CUDA', available ? devices.join(', ') : `not used: ${reason || 'this libtorch is a CPU build'}`],
  ];
}

function cacheRows({ cache }: DoctorReport): Row[] {
  const state = cache.exists ? gigabytes(cache.bytes) : 'not there yet';
  return [['cache', `${cache.directory} (${state}${cache.writable ? '' : ', not writable'})`]];
}

function toolRows({ tools }: DoctorReport): Row[] {
  return Object.entries(tools).flatMap(([name, tool]): Row[] => {
    if (tool === undefined) return [[name, 'not found']];
    if (tool.source === 'system') return [[name, `${tool.version} (${tool.path})`]];
    return [
      [name, `${tool.version}, downloaded by a build`],
      ['', tool.path],
    ];
  });
}

function section(title: string, rows: readonly Row[]): string {
  const lines = rows.map(([label, value]) => `  ${label.padEnd(13)} ${value}`.trimEnd());
  return [title, ...lines].join('\n');
}

export function formatReport(report: DoctorReport): string {
  const parts = [
    section(`deepcode ${report.deepcode.version} in ${report.deepcode.directory}`, machineRows(report)),
    section('Runtime', [
      ...libtorchRows(report),
      ...addonRows(report),
      ...runtimeRows(report),
      ...cacheRows(report),
    ]),
    section('To build from source', toolRows(report)),
  ];
  const advice = report.advice.map((line) => `  - ${line}`);
  parts.push(advice.length > 0 ? ['What to do', ...advice].join('\n') : 'Nothing to do: deepcode is ready.');
  return `${parts.join('\n\n')}\n`;
}

/** The programs that a build of the addon would use. */
import { spawnSync } from 'node:child_process';

const TOOLS = {
  compiler: ['c++', 'g++', 'clang++'],
  cmake: ['cmake'],
  ninja: ['ninja'],
  make: ['make'],
  ccache: ['ccache'],
  python: ['python3', 'python'],
} as const;

export type ToolName = keyof typeof TOOLS;

/** The first line of each program's `--version`; undefined where it is missing. */
export type ToolsReport = Record<ToolName, string | undefined>;

function versionLine(command: string, env: NodeJS.ProcessEnv): string | undefined {
  const child = spawnSync(command, ['--version'], { encoding: 'utf8', env, timeout: 10_000 });
  return child.status === 0 ? (child.stdout || child.stderr).split('\n')[0]?.trim() : undefined;
}

function findTool(commands: readonly string[], env: NodeJS.ProcessEnv): string | undefined {
  for (const command of commands) {
    const version = versionLine(command, env);
    if (version !== undefined) return version;
  }
  return undefined;
}

export function readTools(env: NodeJS.ProcessEnv = process.env): ToolsReport {
  const find = (name: ToolName): string | undefined => {
    const chosen = name === 'compiler' ? env.CXX : undefined;
    return findTool(chosen ? [chosen] : TOOLS[name], env);
  };
  return Object.fromEntries(
    (Object.keys(TOOLS) as ToolName[]).map((name) => [name, find(name)]),
  ) as ToolsReport;
}

/** The programs that a build of the addon would use. */
import {
  canFetch,
  CMAKE_MINIMUM,
  FETCHABLE,
  installedTools,
  systemTool,
  type Tool,
} from '../../native/toolchain/find-tools.cjs';

export type ToolName = 'compiler' | 'cmake' | 'ninja' | 'make' | 'ccache' | 'python';

/** Undefined where it is missing. CMake and ninja may come from the cache, when the system has none. */
export type ToolsReport = Record<ToolName, Tool | undefined>;

export function readTools(env: NodeJS.ProcessEnv = process.env): ToolsReport {
  return {
    compiler: systemTool(env.CXX ? [env.CXX] : ['c++', 'g++', 'clang++'], env),
    ...installedTools(env),
    ccache: systemTool(['ccache'], env),
    python: systemTool(['python3', 'python'], env),
  };
}

/** The version that a build would download where it finds none; undefined where it may or can not. */
function downloadable(name: 'cmake' | 'ninja', env: NodeJS.ProcessEnv): string | undefined {
  const offline = env.DEEPCODE_OFFLINE !== undefined && !['', '0'].includes(env.DEEPCODE_OFFLINE);
  if (offline || !canFetch()) return undefined;
  const { version, size } = FETCHABLE[name].pin;
  return `${version} (${size < 1e6 ? 'less than 1' : Math.round(size / 1e6)} MB)`;
}

const ownOrDownload = (install: string, download: string | undefined): string =>
  download === undefined
    ? `Debian or Ubuntu: ${install}`
    : `A build downloads ${download} by itself. To have one of the system's instead: ${install}`;

/** What to do before a build, by the tools that it lacks. */
export function adviseOnTools(tools: ToolsReport, env: NodeJS.ProcessEnv = process.env): string[] {
  const advice: string[] = [];
  if (!tools.compiler)
    advice.push('A build needs a C++20 compiler. Debian or Ubuntu: sudo apt-get install g++');
  if (!tools.cmake) {
    const how = ownOrDownload('sudo apt-get install cmake', downloadable('cmake', env));
    advice.push(`A build needs CMake ${CMAKE_MINIMUM} or newer, and there is none. ${how}`);
  }
  if (!tools.ninja && !tools.make) {
    const how = ownOrDownload('sudo apt-get install make', downloadable('ninja', env));
    advice.push(`A build needs make or ninja, and there is neither. ${how}`);
  }
  return advice;
}

/** A program of a native build. */
export interface Tool {
  path: string;
  /** The first line of `--version`. */
  version: string;
  /** `cache`: an earlier build downloaded it. */
  source: 'system' | 'cache';
}

export const CMAKE_MINIMUM: string;
export interface ToolPin {
  version: string;
  size: number;
  tags: { python: string; implementation: string; abi: string; platform: string };
}

/** Where the program is in what is downloaded, and how it is pinned. */
export const FETCHABLE: Record<'cmake' | 'ninja', { pin: ToolPin; program: string }>;
/** Whether missing tools can be downloaded for this machine. */
export function canFetch(machine?: { platform: string; arch: string }): boolean;
/** The file of `command`, as a shell would find it. */
export function which(command: string, env?: NodeJS.ProcessEnv): string | undefined;
/** The first of `commands` that runs. */
export function systemTool(commands: readonly string[], env?: NodeJS.ProcessEnv): Tool | undefined;
/** What a build would use without a download. */
export function installedTools(
  env?: NodeJS.ProcessEnv,
): Record<'cmake' | 'ninja' | 'make', Tool | undefined>;

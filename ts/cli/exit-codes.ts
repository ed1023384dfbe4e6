/** What the process's exit status means; part of the CLI contract. */
export const EXIT = {
  ok: 0,
  /** Some inputs failed, or the command did. */
  failed: 1,
  /** Wrong usage: an unknown flag, a value outside its range, a missing argument. */
  usage: 2,
  /** SIGINT, as shells report it. */
  interrupted: 130,
  /** SIGTERM, as shells report it. */
  terminated: 143,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Wrong usage that the option tables cannot express, for example two flags that exclude each other. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UsageError';
  }
}

// The toolchain is plain JavaScript; its tests see it untyped.
declare module '*.mjs';

declare namespace Mocha {
  interface Runnable {
    /** Why a test is skipped; the summary prints it. Set it before calling skip(). */
    skipReason?: string;
  }
}

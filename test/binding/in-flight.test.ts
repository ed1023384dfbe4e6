import { deepStrictEqual, match } from 'node:assert/strict';
import { ACTIONS, runInFlight, type Action } from '../support/in-flight.js';

const TRIES = 3;

/** What a signal sent on purpose leaves behind is its own name; a crash would leave SIGSEGV or SIGABRT. */
describe('A process that ends while inference is running', () => {
  for (const action of Object.keys(ACTIONS) as Action[]) {
    it(`ends cleanly on ${action}`, () => {
      for (const { status, signal, stderr } of runInFlight(action, TRIES)) {
        deepStrictEqual({ status, signal }, ACTIONS[action], stderr);
        match(stderr, /inference started/);
      }
    });
  }
});

import { deepStrictEqual } from 'node:assert/strict';
import { ACTIONS, runInFlight, type Action } from '../support/in-flight.js';

describe('Ending a process in mid-inference, 50 times each', () => {
  for (const action of Object.keys(ACTIONS) as Action[]) {
    it(action, () => {
      const endings = runInFlight(action, 50);
      const wrong = endings.filter(
        ({ status, signal, stderr }) =>
          status !== ACTIONS[action].status ||
          signal !== ACTIONS[action].signal ||
          !stderr.includes('inference started'),
      );
      deepStrictEqual(wrong, []);
    });
  }
});

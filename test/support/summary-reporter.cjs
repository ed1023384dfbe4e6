'use strict';
// Mocha's "spec" output, then the skipped tests by name with their reasons, then one last line that
// a script can read: "12 passed, 0 failed", or "12 passed, 0 failed, 3 skipped".
//
// A test gives its reason as `this.test.skipReason = '...'` before `this.skip()`.

const { reporters, Runner } = require('mocha');

const { EVENT_RUN_END, EVENT_TEST_PENDING } = Runner.constants;

function reasonOf(test) {
  return test.skipReason ?? test.ctx?.skipReason ?? 'no reason given';
}

class SummaryReporter extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    const skipped = [];
    runner.on(EVENT_TEST_PENDING, (test) => skipped.push(test));
    runner.once(EVENT_RUN_END, () => {
      const { passes, failures } = this.stats;
      const lines = skipped.map((test) => `  skipped: ${test.fullTitle()} (${reasonOf(test)})`);
      const tail = skipped.length > 0 ? `, ${skipped.length} skipped` : '';
      process.stdout.write(`${[...lines, `${passes} passed, ${failures} failed${tail}`].join('\n')}\n`);
    });
  }
}

module.exports = SummaryReporter;

'use strict';
// Mocha's "spec" output, then the skipped tests by name with their reasons, then one last line that
// a script can read: "12 passed, 0 failed", or "12 passed, 0 failed, 3 skipped".
//
// A test gives its reason as `this.test.skipReason = '...'` before `this.skip()`.
//
// The file named by DEEPCODE_TEST_SUMMARY receives the same line. A run that ends without it (a crash,
// a process.exit in some test) is told by that from one that is through.

const fs = require('node:fs');
const { reporters, Runner } = require('mocha');

const { EVENT_RUN_END, EVENT_TEST_PENDING } = Runner.constants;
const LINGER_MS = 30_000;

function describeSkipped(test) {
  const reason = test.skipReason ?? test.ctx?.skipReason;
  return `  skipped: ${test.fullTitle()}${reason ? ` (${reason})` : ''}`;
}

// Something that keeps the process alive after the last test is a leak of some test or of the code.
function watchForLeaks() {
  setTimeout(() => {
    fs.writeSync(
      2,
      `Still open ${LINGER_MS / 1000} s after the last test: ${process.getActiveResourcesInfo().join(', ')}\n`,
    );
    process.exit(1);
  }, LINGER_MS).unref();
}

class SummaryReporter extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    const skipped = [];
    runner.on(EVENT_TEST_PENDING, (test) => skipped.push(test));
    runner.once(EVENT_RUN_END, () => {
      const { passes, failures } = this.stats;
      const line = `${passes} passed, ${failures} failed${skipped.length > 0 ? `, ${skipped.length} skipped` : ''}`;
      process.stdout.write(`${[...skipped.map(describeSkipped), line].join('\n')}\n`);
      if (process.env.DEEPCODE_TEST_SUMMARY) fs.writeFileSync(process.env.DEEPCODE_TEST_SUMMARY, line);
      watchForLeaks();
    });
  }
}

module.exports = SummaryReporter;

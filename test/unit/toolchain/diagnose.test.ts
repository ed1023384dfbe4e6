import assert from 'node:assert/strict';
import { diagnoseBuild, diagnoseLoad } from '../../../native/toolchain/diagnose.mjs';

describe('diagnoseBuild', () => {
  const cases: [string, string, RegExp][] = [
    ['memory', 'c++: fatal error: Killed signal terminated program cc1plus', /ran out of memory/],
    ['disk', 'fatal error: error writing to /tmp/x.s: No space left on device', /disk is full/],
    [
      'an old compiler',
      "g++: error: unrecognized command-line option '-std=c++20'; did you mean '-std=c++2a'?",
      /too old/,
    ],
    [
      'missing Node headers',
      'addon.cc:3:10: fatal error: napi.h: No such file or directory',
      /headers are missing/,
    ],
    [
      'missing torch headers',
      'x.cc:1:10: fatal error: ATen/ATen.h: No such file or directory',
      /headers of libtorch/,
    ],
    [
      'the linker',
      "/usr/bin/ld: x.cc.o: undefined reference to `c10::Error::what() const'",
      /linked with this libtorch/,
    ],
    [
      'another generator',
      'CMake Error: Error: generator : Ninja Does not match the generator used previously',
      /build folder/,
    ],
  ];
  for (const [what, output, message] of cases) {
    it(`recognises ${what}`, () => {
      const found = diagnoseBuild(`some output\n${output}\nmore output`, '/build.log');
      assert.match(found.message, message);
      assert.ok(found.fixes.length >= 2);
      assert.ok(found.fixes.includes('The whole output is in /build.log'));
    });
  }

  it('shows the first errors of a source file', () => {
    const found = diagnoseBuild("a.cc:1:2: error: expected ';'\nb.cc:3:4: error: no member\n", '/build.log');
    assert.equal(found.message, 'The addon did not compile.');
    assert.deepEqual(found.fixes.slice(0, 2), [
      "The compiler says: a.cc:1:2: error: expected ';'",
      'The compiler says: b.cc:3:4: error: no member',
    ]);
  });
});

describe('diagnoseLoad', () => {
  const cases: [string, string, RegExp][] = [
    [
      'an old C++ library',
      "/lib/libstdc++.so.6: version `GLIBCXX_3.4.32' not found",
      /newer C or C\+\+ library/,
    ],
    ['another libtorch', '/x/deepcode.node: undefined symbol: _ZN3c105ErrorD1Ev', /do not fit together/],
    [
      'a missing library',
      'libcudart.so.12: cannot open shared object file: No such file or directory',
      /library that libtorch needs/,
    ],
    ['thread-local storage', '/x: cannot allocate memory in static TLS block', /thread-local/],
  ];
  for (const [what, stderr, message] of cases) {
    it(`recognises ${what}`, () => {
      const found = diagnoseLoad({ stderr });
      assert.match(found.message, message);
      assert.ok(found.fixes.length >= 2);
    });
  }

  it('names the signal of a crash', () =>
    assert.match(diagnoseLoad({ signal: 'SIGSEGV' }).message, /crashed .*SIGSEGV/));
  it('recognises a processor that is too old', () =>
    assert.match(diagnoseLoad({ signal: 'SIGILL' }).message, /processor/));
  it('tells a hang', () => assert.match(diagnoseLoad({ timedOut: true }).message, /hung/));
  it('shows one line of anything else', () => {
    assert.equal(diagnoseLoad({ stderr: 'odd\nframes\n' }).message, 'The new addon did not load: odd');
  });
});

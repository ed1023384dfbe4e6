/** Every flag, its help, default and range come from an option table: nothing is said twice. */
import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { tableOf } from '../../ts/cli/define-command.js';
import { Output } from '../../ts/cli/output.js';
import { createProgram } from '../../ts/cli/program.js';
import { checkOption, flagName, rangeText, RUNTIME_OPTIONS } from '../../ts/options.js';

const silent = (): Output => new Output(new PassThrough(), new PassThrough(), {});
const program = createProgram({
  output: silent(),
  signal: new AbortController().signal,
  exitCode: 0,
});

/** Help with its line breaks and columns undone. */
function helpOf(command: (typeof program.commands)[number]): string {
  return command.helpInformation().replace(/\s+/g, ' ');
}

describe('the command line', () => {
  it('has commands, each with a summary', () => {
    const names = program.commands.map((command) => command.name());
    for (const name of ['detect', 'eval', 'train', 'demo', 'doctor'])
      assert.ok(names.includes(name), name);
    assert.equal(new Set(names).size, names.length);
    for (const command of program.commands) assert.notEqual(command.summary(), '', command.name());
  });

  const leaves = program.commands.flatMap((command) => (command.commands.length > 0 ? [...command.commands] : [command]));
  for (const command of leaves) {
    describe(`deepcode ${command.name()}`, () => {
      const table = tableOf(command);

      it('is made from an option table with the common options', () => {
        assert.ok(table);
        for (const name of Object.keys(RUNTIME_OPTIONS)) assert.ok(table[name], name);
        const flags = Object.entries(table).map(([name, spec]) => flagName(name, spec));
        assert.equal(new Set(flags).size, flags.length, 'two options share a flag');
        const own = command.options.map((option) => option.long).sort();
        const expected = Object.entries(table).map(([name, spec]) => {
          const negated = spec.kind === 'flag' && spec.default;
          return `--${negated ? 'no-' : ''}${flagName(name, spec)}`;
        });
        assert.deepEqual(own, expected.sort());
      });

      for (const [name, spec] of Object.entries(table ?? {})) {
        it(`--${flagName(name, spec)} shows its help, default and range, and its default is valid`, () => {
          const help = helpOf(command);
          assert.ok(help.includes(spec.help.replace(/\s+/g, ' ')), `no help for ${name}`);
          if (spec.kind === 'number') {
            const shown = spec.default === undefined ? '' : `; default ${spec.default}`;
            assert.ok(help.includes(`(${rangeText(spec)}${shown})`), name);
          }
          if (spec.kind === 'choice')
            assert.ok(help.includes(`(${spec.choices.join(', ')}; default ${spec.default})`), name);
          if (spec.default !== undefined)
            assert.deepEqual(checkOption(name, spec, spec.default), spec.default);
        });
      }
    });
  }
});

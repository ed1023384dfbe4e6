import assert from 'node:assert/strict';
import { evaluateScores } from '../../../ts/metrics/index.js';
import { evaluationTable, formatTable } from '../../../ts/plots/index.js';
import { displayWidth } from '../../../ts/plots/table.js';

const columns = [{ header: 'name' }, { header: 'AUC', align: 'right' as const }];

describe('formatTable()', () => {
  it('aligns text for a terminal', () => {
    const table = formatTable({
      columns,
      rows: [
        ['test', '0.951'],
        ['a longer name', '1.0'],
      ],
    });
    assert.equal(
      table,
      [
        'name             AUC',
        '─────────────  ─────',
        'test           0.951',
        'a longer name    1.0',
      ].join('\n'),
    );
  });

  it('writes Markdown and escapes what would break it', () => {
    const table = formatTable({ columns, rows: [['a|b <i>', '1']], style: 'markdown' });
    assert.equal(
      table,
      ['| name        | AUC |', '| ----------- | --: |', '| a\\|b &lt;i> |   1 |'].join('\n'),
    );
  });

  it('counts wide characters twice and combining marks not at all', () => {
    assert.equal(displayWidth('日本'), 4);
    assert.equal(displayWidth('e\u0301'), 1);
    const lines = formatTable({
      columns,
      rows: [
        ['日本', '1'],
        ['abcd', '2'],
      ],
    }).split('\n');
    assert.equal(new Set(lines.map(displayWidth)).size, 1);
  });

  it('keeps line breaks and terminal escapes out of a cell', () => {
    const table = formatTable({ columns, rows: [['a\nb\u001b[31m\u0007', '1']] });
    assert.equal(table.split('\n').length, 3);
    assert.doesNotMatch(table, /\u001b|\u0007/);
  });

  it('refuses a row with a cell too few', () => {
    assert.throws(() => formatTable({ columns, rows: [['x']] }), TypeError);
  });
});

describe('evaluationTable()', () => {
  const both = evaluateScores({
    scores: [0.1, 0.9, 0.4, 0.8],
    labels: [0, 1, 1, 0],
    sources: ['r', 'f', 'f', 'r'],
  });

  it('has a line a set; "–" is not defined, brackets are against the rest', () => {
    const rows = [
      { name: 'all', domain: 'within', report: both },
      ...both.perSource.map((report) => ({
        name: report.source,
        report,
        aucAgainstRest: report.aucAgainstRest,
      })),
    ];
    const [header, , all, fakes] = evaluationTable(rows).split('\n');
    assert.match(
      header!,
      /^data +domain +real +fake +accuracy +loss +AUC +AP +EER +TPR +FPR +ECE$/,
    );
    assert.match(all!, /^all +within +2 +2 +50\.0 % +[\d.]+ +0\.750 /);
    assert.match(fakes!, /^f +0 +2 .*\(0\.750\) +1\.000 +– +50\.0 % +– /);
  });

  it('leaves the domain column out where there is none', () => {
    assert.doesNotMatch(evaluationTable([{ name: 'all', report: both }], 'markdown'), /domain/);
  });
});

import assert from 'node:assert/strict';
import * as plots from '../../../ts/plots/index.js';
import { reliabilityBins } from '../../../ts/metrics/index.js';
import { FAKE_COLOR, REAL_COLOR } from '../../../ts/plots/theme.js';
import { parseXml, type XmlElement } from '../../support/well-formed-xml.js';

const NASTY = `<b a="1">&amp; 'x' \u0000\u0007\u{1F600}\uD800</b>`;

function texts(elements: XmlElement[]): string[] {
  return elements.filter((e) => e.name === 'text').map((e) => e.text);
}

function byColor(
  elements: XmlElement[],
  attribute: 'stroke' | 'fill',
  color: string,
): XmlElement[] {
  return elements.filter((e) => e.attributes[attribute] === color && e.name !== 'text');
}

function pathPoints(element: XmlElement): number {
  return element.attributes.d!.match(/[ML]/g)!.length;
}

/** Every coordinate of texts and shapes lies on the picture. */
function assertInside(elements: XmlElement[]): void {
  const { width, height } = elements[0]!.attributes;
  for (const { name, attributes } of elements.slice(1)) {
    for (const [key, limit] of [
      ['x', width],
      ['cx', width],
      ['y', height],
      ['cy', height],
    ] as const) {
      const value = attributes[key];
      if (value !== undefined)
        assert.ok(+value >= 0 && +value <= +limit!, `${name} ${key}=${value}`);
    }
  }
}

const epochs = [
  { epoch: 1, trainLoss: 0.7, valLoss: 0.65, trainAccuracy: 0.55, valAccuracy: 0.6 },
  { epoch: 2, trainLoss: 0.4, valLoss: 0.5, trainAccuracy: 0.8, valAccuracy: 0.75 },
  { epoch: 3, trainLoss: 0.2, valLoss: 0.45, trainAccuracy: 0.93, valAccuracy: 0.82 },
];
const scored = { scores: [0.1, 0.4, 0.35, 0.8], labels: [0, 0, 1, 1] };
const bars = [{ value: 0.95, interval: [0.9, 0.98] as const }, { value: null }];

const documents: Record<string, (text: string) => string> = {
  trainingCurves: (text) =>
    plots.trainingCurves(epochs, { title: text, subtitle: text, bestEpoch: 2 }),
  rocPlot: (text) =>
    plots.rocPlot({ title: text, subtitle: text, sets: [{ name: text, ...scored }] }),
  barChart: (text) =>
    plots.barChart({
      title: text,
      subtitle: text,
      categories: [text, 'b'],
      series: [
        { name: text, bars },
        { name: 'second', bars },
      ],
      valueLabel: text,
      reference: { value: 0.5, label: text },
    }),
  scatterPlot: (text) =>
    plots.scatterPlot({
      title: text,
      panels: [
        {
          title: text,
          xLabel: text,
          yLabel: text,
          groups: [
            {
              name: text,
              points: [
                [0, 1],
                [2, 3],
              ],
            },
          ],
        },
      ],
    }),
  histogram: (text) =>
    plots.histogram({
      title: text,
      xLabel: text,
      groups: [{ name: text, values: [0.1, 0.2, 0.9] }],
      marks: [{ x: 0.5, label: text }],
      band: { from: 0.4, to: 0.6, label: text },
    }),
  reliabilityDiagram: (text) =>
    plots.reliabilityDiagram({
      title: text,
      xLabel: text,
      curves: [{ name: text, bins: reliabilityBins(scored) }],
    }),
};

describe('every chart', () => {
  for (const [name, draw] of Object.entries(documents)) {
    it(`${name}() is well-formed, titled, on the picture and the same on every call`, () => {
      const svg = draw('A title');
      const elements = parseXml(svg);
      assert.equal(elements[0]!.name, 'svg');
      assert.equal(elements[0]!.attributes.xmlns, 'http://www.w3.org/2000/svg');
      assert.equal(elements[1]!.text, 'A title');
      assertInside(elements);
      assert.equal(draw('A title'), svg);
    });

    it(`${name}() escapes markup, quotes, control characters and lone surrogates`, () => {
      const elements = parseXml(draw(NASTY));
      const shown = `<b a="1">&amp; 'x' \uFFFD\uFFFD\u{1F600}\uFFFD</b>`;
      assert.ok(texts(elements).includes(shown), texts(elements).join('\n'));
      assert.ok(!elements.some((e) => e.name === 'b'));
    });
  }
});

describe('trainingCurves()', () => {
  it('draws a line of one point an epoch for each of four measures', () => {
    const elements = parseXml(plots.trainingCurves(epochs));
    for (const color of [REAL_COLOR, FAKE_COLOR]) {
      const lines = byColor(elements, 'stroke', color).filter((e) => pathPoints(e) === 3);
      assert.equal(lines.length, 2);
    }
    assert.deepEqual(
      texts(elements).filter((t) => t === 'training' || t === 'validation').length,
      2,
    );
    assert.ok(texts(elements).includes('Loss') && texts(elements).includes('Accuracy'));
  });

  it('leaves a gap where a value is missing', () => {
    const gap = epochs.map((e) => (e.epoch === 2 ? { ...e, valLoss: null } : e));
    const elements = parseXml(plots.trainingCurves([...gap, { ...epochs[2]!, epoch: 4 }]));
    const line = byColor(elements, 'stroke', FAKE_COLOR).find(
      (e) => e.attributes.d?.match(/M/g)?.length === 2,
    );
    assert.ok(line);
    assert.equal(pathPoints(line), 3);
  });

  it('shows one epoch as dots, and only what was measured', () => {
    const elements = parseXml(plots.trainingCurves([{ epoch: 1, trainLoss: 0.5 }]));
    assert.equal(
      byColor(elements, 'fill', REAL_COLOR).filter((e) => e.name === 'circle').length,
      1,
    );
    assert.ok(!texts(elements).includes('Accuracy'));
  });

  it('whole epochs on the axis, also for 2 and for 300', () => {
    for (const count of [1, 2, 7, 300]) {
      const many = Array.from({ length: count }, (_, i) => ({
        epoch: i + 1,
        trainLoss: 1 / (i + 1),
      }));
      const drawn = parseXml(plots.trainingCurves(many));
      const axis = drawn.filter(
        (e) => e.name === 'text' && e.attributes['text-anchor'] === 'middle',
      );
      const ticks = axis.map((e) => e.text).filter((t) => /^[\d.]+$/.test(t));
      assert.ok(ticks.length >= 1 && ticks.length <= 9, ticks.join());
      assert.ok(
        ticks.every((t) => Number.isInteger(Number(t))),
        ticks.join(),
      );
    }
  });

  it('refuses a run without a finite value', () => {
    assert.throws(() => plots.trainingCurves([]), { code: 'ERR_SHAPE' });
    assert.throws(() => plots.trainingCurves([{ epoch: 1, trainLoss: NaN }]), {
      code: 'ERR_SHAPE',
    });
  });
});

describe('rocPlot()', () => {
  it('draws every corner of the curve and names its AUC', () => {
    const elements = parseXml(plots.rocPlot({ sets: [{ name: 'test', ...scored }] }));
    const curve = byColor(elements, 'stroke', REAL_COLOR).find((e) => pathPoints(e) === 5);
    assert.ok(curve);
    assert.ok(texts(elements).includes('test: AUC 0.750'));
  });

  it('names a set of one class instead of drawing it', () => {
    const elements = parseXml(
      plots.rocPlot({ sets: [{ name: 'reals', scores: [0.2], labels: [0] }] }),
    );
    assert.ok(texts(elements).includes('reals: one class, no AUC'));
    assert.equal(byColor(elements, 'stroke', REAL_COLOR).length, 1);
  });

  it('colours and dashes tell nine sets apart', () => {
    const sets = Array.from({ length: 9 }, (_, i) => ({ name: `set ${i}`, ...scored }));
    const curves = parseXml(plots.rocPlot({ sets })).filter(
      (e) => e.attributes.d && pathPoints(e) === 5,
    );
    assert.equal(
      new Set(curves.map((e) => `${e.attributes.stroke} ${e.attributes['stroke-dasharray']}`)).size,
      9,
    );
  });
});

describe('barChart()', () => {
  it('bars are as long as their values; null is "n/a"', () => {
    const series = [{ name: 'm', bars: [{ value: 0.25 }, { value: 0.5 }, { value: null }] }];
    const elements = parseXml(
      plots.barChart({ title: 't', categories: ['a', 'b', 'c'], series, valueLabel: 'AUC' }),
    );
    const [short, long] = byColor(elements, 'fill', REAL_COLOR).map((e) =>
      Number(e.attributes.width),
    );
    assert.ok(Math.abs(long! / short! - 2) < 1e-3);
    assert.deepEqual(
      texts(elements).filter((t) => ['0.250', '0.500', 'n/a'].includes(t)),
      ['0.250', '0.500', 'n/a'],
    );
  });

  it('refuses a series with a bar too few', () => {
    const series = [{ name: 'm', bars: [{ value: 1 }] }];
    assert.throws(
      () => plots.barChart({ title: 't', categories: ['a', 'b'], series, valueLabel: '' }),
      RangeError,
    );
  });
});

describe('scatterPlot()', () => {
  const group = (name: string, n: number) => ({
    name,
    points: Array.from({ length: n }, (_, i) => [i, i * i] as const),
  });

  it('draws every point, a shape a group, and the centre on top', () => {
    const groups = [group('real', 31), group('fake', 17)];
    const panels = [
      { xLabel: 'x', yLabel: 'y', groups, centre: { name: 'centre', point: [3, 4] as const } },
    ];
    const elements = parseXml(plots.scatterPlot({ title: 't', panels }));
    assert.equal(
      elements.filter((e) => e.name === 'circle' && e.attributes.r === '3.6').length,
      31,
    );
    assert.equal(
      elements.filter((e) => e.attributes.d?.endsWith('Z') && pathPoints(e) === 3).length,
      17 + 1,
    );
    assert.equal(pathPoints(elements.at(-1)!), 10);
    assert.ok(texts(elements).includes('centre'));
  });

  it('one unit is as long on x as on y', () => {
    const panels = [
      {
        xLabel: 'x',
        yLabel: 'y',
        groups: [
          {
            name: 'g',
            points: [
              [0, 0],
              [1, 10],
              [0, 10],
            ] as const,
          },
        ],
      },
    ];
    const dots = parseXml(plots.scatterPlot({ title: 't', panels })).filter(
      (e) => e.attributes.r === '3.6',
    );
    const [a, b, c] = ['0', '1', '2'].map((_, i) => dots[i]!.attributes);
    const [unitX, unitY] = [(+b!.cx! - +c!.cx!) / 1, (+a!.cy! - +c!.cy!) / 10];
    assert.ok(Math.abs(unitX / unitY - 1) < 0.01, `${unitX} and ${unitY}`);
  });

  it('refuses NaN and an empty panel', () => {
    const panel = (points: [number, number][]) => [
      { xLabel: '', yLabel: '', groups: [{ name: 'g', points }] },
    ];
    assert.throws(
      () =>
        plots.scatterPlot({
          title: '',
          panels: panel([
            [0, 0],
            [NaN, 1],
          ]),
        }),
      { code: 'ERR_NONFINITE' },
    );
    assert.throws(() => plots.scatterPlot({ title: '', panels: panel([]) }), { code: 'ERR_SHAPE' });
  });
});

describe('histogram()', () => {
  it('has two points a bin, and every group fills 100 %', () => {
    const groups = [
      { name: 'real', values: [0.05, 0.1, 0.15, 0.95] },
      { name: 'fake', values: [0.9] },
    ];
    const elements = parseXml(
      plots.histogram({ title: 't', xLabel: 'x', groups, bins: 10, domain: [0, 1] }),
    );
    const outlines = [REAL_COLOR, FAKE_COLOR].flatMap((c) =>
      byColor(elements, 'stroke', c).filter((e) => pathPoints(e) === 20),
    );
    assert.equal(outlines.length, 2);
    assert.ok(texts(elements).includes('100'));
  });

  it('refuses NaN, bins out of range and no values', () => {
    const draw = (values: number[], bins = 5) =>
      plots.histogram({ title: '', xLabel: '', groups: [{ name: 'g', values }], bins });
    assert.throws(() => draw([1, NaN]), { code: 'ERR_NONFINITE' });
    assert.throws(() => draw([1, 2], 0), RangeError);
    assert.throws(() => draw([]), { code: 'ERR_SHAPE' });
  });
});

describe('reliabilityDiagram()', () => {
  it('draws one dot a bin that holds samples, and a bar a bin', () => {
    const bins = reliabilityBins(
      { scores: [0.05, 0.1, 0.55, 0.95], labels: [0, 0, 1, 1] },
      { bins: 10, variant: 'positive' },
    );
    const elements = parseXml(plots.reliabilityDiagram({ curves: [{ name: 'model', bins }] }));
    assert.equal(elements.filter((e) => e.name === 'circle').length, 3);
    assert.equal(byColor(elements, 'fill', REAL_COLOR).filter((e) => e.name === 'rect').length, 10);
  });
});

/** Figures of many runs, brought together: one entry a data set and loss. */
import type { SetReport } from '../../metrics/index.js';

/** Naive: cross-entropy alone. */
export type Method = 'naive' | 'scl';
export const METHODS: readonly Method[] = ['naive', 'scl'];
export const METHOD_NAMES: Readonly<Record<Method, string>> = { naive: 'naive (ce)', scl: 'SCL' };

/** One run on one data set. */
export interface Outcome {
  method: Method;
  seed: number;
  /** Name of the data set. */
  data: string;
  domain: 'within' | 'cross';
  report: SetReport;
}

/** Over seeds. */
export interface Spread {
  mean: number;
  /** Sample standard deviation; 0 for one seed. */
  deviation: number;
  min: number;
  max: number;
}

export interface Comparison {
  data: string;
  domain: 'within' | 'cross';
  method: Method;
  /** Images scored. */
  count: number;
  accuracy: Spread;
  loss: Spread;
  /** Null when the set has one class only. */
  auc: Spread | null;
}

function spread(values: readonly number[]): Spread {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const deviation = values.length > 1 ? Math.sqrt(squares / (values.length - 1)) : 0;
  return { mean, deviation, min: Math.min(...values), max: Math.max(...values) };
}

function compareOne(outcomes: readonly Outcome[]): Comparison {
  const { data, domain, method, report } = outcomes[0]!;
  const areas = outcomes.flatMap(({ report: { auc } }) => (auc === null ? [] : [auc]));
  return {
    data,
    domain,
    method,
    count: report.count,
    accuracy: spread(outcomes.map((outcome) => outcome.report.accuracy)),
    loss: spread(outcomes.map((outcome) => outcome.report.loss)),
    auc: areas.length > 0 ? spread(areas) : null,
  };
}

/** One entry a data set and method, data sets in the order of their first outcome. */
export function summarize(outcomes: readonly Outcome[]): Comparison[] {
  const names = [...new Set(outcomes.map(({ data }) => data))];
  return names.flatMap((name) =>
    METHODS.flatMap((method) => {
      const own = outcomes.filter((outcome) => outcome.data === name && outcome.method === method);
      return own.length > 0 ? [compareOne(own)] : [];
    }),
  );
}

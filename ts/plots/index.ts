export { lineChart, type LineChartOptions, type LinePanel, type LineSeries } from './line-chart.js';
export {
  trainingCurves,
  type EpochMetrics,
  type TrainingCurvesOptions,
} from './training-curves.js';
export { rocPlot, type RocPlotOptions, type RocSet } from './roc-plot.js';
export { barChart, type Bar, type BarChartOptions, type BarSeries } from './bar-chart.js';
export {
  scatterPlot,
  type Point2d,
  type ScatterGroup,
  type ScatterPanel,
  type ScatterPlotOptions,
} from './scatter-plot.js';
export { histogram, type HistogramGroup, type HistogramOptions } from './histogram.js';
export { reliabilityDiagram, type ReliabilityDiagramOptions } from './reliability-diagram.js';
export { fitPca, projectPca, type Pca } from './pca.js';
export { formatTable, type TableColumn, type TableOptions } from './table.js';
export { evaluationTable, type EvaluationRow } from './evaluation-table.js';
export { renderHeatmap, type HeatmapOptions } from './heatmap.js';
export { type FloatMap } from './bicubic.js';

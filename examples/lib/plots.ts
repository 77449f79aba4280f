/** Plots as SVG text: static, deterministic, the same on a page or alone. Colours follow theme.ts. */
export { type Bar, type BarChartOptions, barChart } from "./plots/bar-chart.ts";
export { confusionMatrix } from "./plots/confusion-matrix.ts";
export { decisionBoundary, type LabelledPoint } from "./plots/decision-boundary.ts";
export { digitGrid } from "./plots/digit-grid.ts";
export { type LineChartOptions, lineChart, type Series } from "./plots/line-chart.ts";

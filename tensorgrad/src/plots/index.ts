/** Plots and pages as text: static, deterministic, the same on a page or alone. Colours follow theme.ts. */
export { type Bar, type BarChartOptions, barChart } from "./bar-chart.ts";
export { confusionMatrix } from "./confusion-matrix.ts";
export { type Curve, type CurvesOptions, curvesSvg } from "./curves.ts";
export { decisionBoundary, type LabelledPoint } from "./decision-boundary.ts";
export { digitGrid } from "./digit-grid.ts";
export { type FlameFrame, type FlameGraphOptions, flameGraph } from "./flame-graph.ts";
export { count, percent } from "./format.ts";
export { type DrawOptions, draw, verticalLabel } from "./framed.ts";
export { type Html, html, raw } from "./html.ts";
export { imageGrid, type Tile } from "./image-grid.ts";
export { type LineChartOptions, lineChart, type Series } from "./line-chart.ts";
export { type Figure, type Page, renderPage, type Section, type Table } from "./page.ts";
export { inkImage, pngUri } from "./png.ts";
export { type RooflineOptions, type RooflinePoint, roofline } from "./roofline.ts";
export { type ScatterOptions, type ScatterPoint, scatter } from "./scatter.ts";
export { stylesheet } from "./stylesheet.ts";
export { missedRows, type SummaryRow, summaryText } from "./summary.ts";
export { color, mix } from "./theme.ts";

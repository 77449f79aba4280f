import type { ParityReport } from "gradverify";
import type { Section, SummaryRow } from "tensorgrad/plots";
import { count } from "tensorgrad/plots";

export function parityRow(
  { maxAbs, equalPredictions, passed, tolerance }: ParityReport,
  seconds: number,
): SummaryRow {
  const { equal, total } = equalPredictions ?? { equal: 0, total: 0 };
  const which = equal === total ? "all" : `${count(equal)} of`;
  return {
    job: "parity with ONNX Runtime",
    result: `${which} ${count(total)} predictions equal, logits within ${maxAbs.toExponential(1)}`,
    target: `all equal, within ${tolerance.toExponential(0)}`,
    seconds,
    passed: passed && equal === total && total > 0,
  };
}

export function paritySection(report: ParityReport, file: string): Section {
  const { equal, total } = report.equalPredictions ?? { equal: 0, total: 0 };
  const comparisons = [
    ...report.batches.map((batch) => ({ ...batch, name: `logits, batch of ${batch.batch}` })),
    { ...report, name: `logits, all ${count(total)} test images` },
  ];
  return {
    title: "Parity with ONNX Runtime",
    text:
      `The trained network was exported to ${file} (${count(report.model.bytes)} bytes, opset ` +
      `${report.model.opset}) and run by ONNX Runtime ${report.versions.onnxruntime}, an independent implementation. ` +
      `Both predict the same digit on ${count(equal)} of ${count(total)} images. Neither is exact in float32; ` +
      "the last two columns say how far each is from the same program computed in float64. An ULP is the step from " +
      "one float to the next; close to 0, where floats lie dense, even a tiny difference is many of them.",
    table: {
      head: ["", "max |Δ|", "max ULP", "median ULP", "ours − float64", "ONNX Runtime − float64"],
      rows: [
        ...comparisons.map(({ name, maxAbs, maxUlp, medianUlp, ours, theirs }) => [
          name,
          maxAbs,
          maxUlp,
          medianUlp,
          ours?.maxAbs ?? "",
          theirs?.maxAbs ?? "",
        ]),
        ...report.nodes.map(({ name, operation, local }) => [
          `${operation} alone (${name}), 16 images`,
          local.maxAbs,
          local.maxUlp,
          local.medianUlp,
          "",
          "",
        ]),
      ],
    },
  };
}

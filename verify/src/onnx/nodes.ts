import { FormatError, scope } from "tensorgrad";
import { type ImportedModel, importOnnx } from "tensorgrad/onnx";
import { difference } from "./compare.ts";
import { operatorOf, readTest, suiteFolder, testNames } from "./suite.ts";

export type Verdict = "passed" | "failed" | "unsupported";

export interface NodeResult {
  readonly name: string;
  readonly operator: string;
  readonly verdict: Verdict;
  /** Empty if passed. */
  readonly reason: string;
}

/** Runs every test of the suite whose name contains the filter. */
export function runSuite(filter = "", folder = suiteFolder()): NodeResult[] {
  return testNames(folder)
    .filter((name) => name.includes(filter))
    .map((name) => runTest(folder, name));
}

/** A refused import is unsupported; everything else that is not the expected result has failed. */
export function runTest(folder: string, name: string): NodeResult {
  using _step = scope();
  const operator = operatorOf(folder, name);
  let model: ImportedModel;
  try {
    model = importOnnx(readTest(folder, name).bytes, { checkShapes: false });
  } catch (error) {
    const isOurs = error instanceof FormatError;
    return { name, operator, verdict: isOurs ? "unsupported" : "failed", reason: messageOf(error) };
  }
  const reason = faultOf(model, folder, name);
  return { name, operator, verdict: reason === null ? "passed" : "failed", reason: reason ?? "" };
}

function faultOf(model: ImportedModel, folder: string, name: string): string | null {
  const { sets } = readTest(folder, name);
  if (sets.length === 0) return "no data";
  for (const { inputs, outputs } of sets) {
    try {
      const ours = Object.values(model.run(inputs));
      const faults = outputs.map((expected, i) => difference(ours[i], expected, `output ${i}`));
      const fault = faults.find((one) => one !== null);
      if (fault) return fault;
    } catch (error) {
      return messageOf(error);
    }
  }
  return null;
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

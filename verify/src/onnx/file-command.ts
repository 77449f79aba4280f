import { readFileSync } from "node:fs";
import { FormatError } from "tensorgrad";
import { fileParity } from "./file-parity.ts";
import { readNpz } from "./npz.ts";

export interface FileFlags {
  readonly inputs?: string;
  readonly shape?: readonly string[];
  readonly seed: number;
  readonly json: boolean;
}

/** `parity model.onnx`: prints both engines' results node by node. Exit code 1 if an output differs. */
export async function fileParityCommand(
  file: string,
  { inputs, shape = [], seed, json }: FileFlags,
  print: (line: string) => void,
): Promise<number> {
  const report = await fileParity(bytesOf(file), {
    seed,
    shapes: Object.fromEntries(shape.map(sizesIn)),
    ...(inputs === undefined ? {} : { inputs: readNpz(inputs) }),
  });
  print(`${file}: opset ${report.opset}, ${report.nodes.length} results compared`);
  for (const { name, operator, accumulated, diverges } of report.nodes)
    if (accumulated.maxAbs > 0)
      print(
        `${diverges ? "DIVERGES " : ""}${name} (${operator}): max abs ${accumulated.maxAbs.toPrecision(3)}`,
      );
  for (const [name, { between, ours, theirs }] of Object.entries(report.outputs))
    print(
      `output ${name}: max abs ${between.maxAbs.toPrecision(3)} between both; from float64 ours ${ours.maxAbs.toPrecision(3)}, ` +
        `theirs ${theirs.maxAbs.toPrecision(3)}`,
    );
  print(
    report.firstDivergence
      ? `first node that differs: ${report.firstDivergence}`
      : "no node differs by itself",
  );
  if (json) print(JSON.stringify(report));
  return report.passed ? 0 : 1;
}

function bytesOf(file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new FormatError(`parity: ${file} — no file that can be read`, { cause });
  }
}

function sizesIn(text: string): [string, number[]] {
  const [name, sizes = ""] = text.split("=");
  const numbers = sizes === "" ? [] : sizes.split(",").map(Number);
  if (numbers.every((n) => Number.isInteger(n) && n >= 0)) return [name, numbers];
  throw new FormatError(`parity: --shape ${text} — a name and whole numbers, as in x=1,3,64,64`);
}

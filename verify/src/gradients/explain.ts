import type { Tensor } from "tensorgrad";
import { show } from "tensorgrad/runtime";
import { diagnose } from "./diagnose.ts";
import type { Example } from "./evaluate.ts";
import type { Finding } from "./examine.ts";
import type { CheckOptions } from "./gradients.ts";
import { type Entry, entriesOf } from "./jacobian.ts";

/** A failure in words: what was compared, by how much it is off, where, for which inputs, and how to see it again. */
export function explain(
  options: CheckOptions,
  finding: Finding,
  { example, seed, path }: { readonly example: Example; readonly seed: number; readonly path: string },
): string {
  const wrong = finding.law === "differences" ? entriesOf(example).filter(({ same }) => !same) : [];
  const names = example.inputs.map((_, k) => options.inputNames?.[k] ?? `input ${k}`);
  const where = subject(finding, wrong, example, names);
  const given = example.options ? ` with ${example.options}` : "";
  const cause = CAUSES[finding.law] ?? (finding.message === undefined ? diagnose(example, names) : null);
  const lines = [
    `${options.name}, ${where}${given}: ${complaint(finding)}; replay with seed ${seed}, path "${path}"`,
    ...(cause === null ? [] : [`  probably ${cause}`]),
    ...wrong.slice(0, 4).map((entry) => `  ${describe(entry, names)}`),
    ...(wrong.length > 4 ? [`  and ${wrong.length - 4} more entries`] : []),
    ...example.inputs.map((x, k) => `  ${names[k]} = ${text(x)}`),
  ];
  return lines.join("\n");
}

/** Of a gradient that is right, but cannot be differentiated itself. */
const DETACHED =
  "a second derivative that is cut off: the rule computes with .data, detach() or a tensor of its own making, and not with what was given";
const CAUSES: Readonly<Record<string, string>> = {
  "second differences": DETACHED,
  "Hessian symmetry": DETACHED,
};

function subject(
  finding: Finding,
  wrong: readonly Entry[],
  example: Example,
  names: readonly string[],
): string {
  const inputs = [...new Set(wrong.map((entry) => entry.input))];
  const floats = example.inputs.flatMap((x, k) => (x.isFloat ? [k] : []));
  const blamed = inputs.length > 0 ? inputs : floats;
  const list = blamed.map((k) => `${names[k]} ${show(example.inputs[k].shape)}`).join(" and ");
  return finding.law.startsWith("second") || finding.law === "Hessian symmetry"
    ? `gradient of the gradient of ${list}`
    : `gradient of ${list}`;
}

function complaint({ law, analytic, numeric, allowed, message }: Finding): string {
  if (message !== undefined) return `${message} (law: ${law})`;
  const [a, n] = apart(analytic ?? Number.NaN, numeric ?? Number.NaN);
  const limit = (allowed ?? 0).toPrecision(1);
  if (law === "Hessian symmetry") return `v·Hu is ${a}, u·Hv is ${n} (allowed ${limit})`;
  const backward = law === "differences" ? "backward gives" : "backward through backward gives";
  return `${backward} ${a} along v, finite differences give ${n} (allowed ${limit})`;
}

function describe({ input, at, output, analytic, numeric }: Entry, names: readonly string[]): string {
  const [a, n] = apart(analytic, numeric);
  const name = names[input].includes(" ") ? `(${names[input]})` : names[input];
  return `∂y${show(output)}/∂${name}${show(at)}: backward ${a}, finite differences ${n}`;
}

/** Both numbers with as many digits as it takes to tell them apart, at least four. */
function apart(a: number, b: number): [string, string] {
  for (let digits = 4; digits < 17; digits++) {
    const [left, right] = [a.toPrecision(digits), b.toPrecision(digits)];
    if (left !== right) return [left, right];
  }
  return [String(a), String(b)];
}

const text = (x: Tensor): string => `${x.dtype} ${show(x.shape)} ${JSON.stringify(x.toArray())}`;

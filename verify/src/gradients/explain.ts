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
  const wrong = SLOPES.includes(finding.law) ? entriesOf(example).filter(({ same }) => !same) : [];
  const names = example.inputs.map((_, k) => options.inputNames?.[k] ?? `input ${k}`);
  const where = subject(finding, wrong, example, names);
  const given = example.options ? ` with ${example.options}` : "";
  const cause = causeOf(finding.law, example, names);
  const lines = [
    `${options.name}, ${where}${given}: ${complaint(finding)}; replay with seed ${seed}, path "${path}"`,
    ...(cause === null ? [] : [`  probably ${cause}`]),
    ...wrong.slice(0, 4).map((entry) => `  ${describe(entry, names)}`),
    ...(wrong.length > 4 ? [`  and ${wrong.length - 4} more entries`] : []),
    ...example.inputs.map((x, k) => `  ${names[k]} = ${text(x)}`),
  ];
  return lines.join("\n");
}

/** Laws of which a wrong Jacobian shows the entries. */
const SLOPES = ["differences", "adjoint"];

/** Of a gradient that is right, but cannot be differentiated itself. */
const DETACHED =
  "a second derivative that is cut off: the rule computes with .data, detach() or a tensor of its own making, and not with what was given; or an operation in the rule has a wrong gradient itself";
const IN_MEMORY =
  "strides that are ignored: numbers are read as they lie in memory, not as the tensor orders them";
const REPLACED = "a sum is missing: a gradient replaces the one that was there, and is not added to it";
/** What a broken law tells, whatever the Jacobian is. */
const CAUSES: Readonly<Record<string, string | undefined>> = {
  "second differences": DETACHED,
  "Hessian symmetry": DETACHED,
  accumulates: REPLACED,
  "fan-out": REPLACED,
  "zero in, zero out":
    "a term that lacks the gradient that came in: every term of the rule has to be multiplied by it",
};

const NOT_LINEAR =
  "a rule that is not linear in the gradient that came in: it squares, clips, or rounds it, or overwrites where it has to add (an element used twice)";
/** The same, where the Jacobian is right. */
const OTHERWISE: Readonly<Record<string, string | undefined>> = {
  adjoint: NOT_LINEAR,
  homogeneous: NOT_LINEAR,
  additive: NOT_LINEAR,
  "layout-free": IN_MEMORY,
  "equivariant under broadcasting": IN_MEMORY,
};

function causeOf(law: string, example: Example, names: readonly string[]): string | null {
  const known = CAUSES[law];
  if (known !== undefined) return known;
  const found = diagnose(example, names);
  if (law !== "recorded or not") return found ?? OTHERWISE[law] ?? null;
  const both = "a rule that takes another way while gradients are recorded; both ways must give one result";
  return found === null ? both : `${both}. Where they are not recorded: ${found}`;
}

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

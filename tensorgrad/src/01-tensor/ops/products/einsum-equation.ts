import { ShapeError, show } from "../../../00-runtime/index.ts";
import type { Shape } from "../../shape.ts";

/** What an equation says: a label for every dim of every operand, and for every dim of the result. */
export interface Equation {
  readonly inputs: readonly (readonly string[])[];
  readonly output: readonly string[];
  /** The size that goes with each label. */
  readonly sizes: ReadonlyMap<string, number>;
}

/**
 * Reads `"bij,bjk->bik"` for operands of these shapes. The dims that "..." stands for are labelled `…1`, `…2`, … from the
 * last one, so that they are aligned at the end, as broadcasting aligns them. Without `->` the result has every letter that
 * stands once, in alphabetical order, after the dims of "...".
 *
 * Throws    ShapeError, naming the equation and the subscript that does not fit
 */
export function readEquation(equation: string, shapes: readonly Shape[]): Equation {
  const call = `einsum: "${equation}"`;
  const [left, right, ...more] = equation.replaceAll(" ", "").split("->");
  if (more.length > 0) throw new ShapeError(`${call} — at most one "->" leads to the result`);
  const terms = left.split(",");
  if (terms.length !== shapes.length)
    throw new ShapeError(
      `${call} with ${shapes.length} operands — the equation names ${terms.length}; terms are separated by ","`,
    );
  const inputs = terms.map((term, k) => labelsOf(call, term, shapes[k], k));
  const hidden = inputs.flat().filter((label) => label.startsWith("…"));
  const deepest = Math.max(0, ...hidden.map((label) => Number(label.slice(1))));
  const output = right === undefined ? implied(inputs, deepest) : named(call, right, deepest);
  checkOutput(call, output, inputs);
  return { inputs, output, sizes: sizesOf(call, inputs, shapes) };
}

const letters = (call: string, term: string): string[] => {
  const unknown = term.match(/[^A-Za-z]/);
  if (unknown)
    throw new ShapeError(
      `${call}: unknown subscript "${unknown[0]}" — subscripts are letters, and "..." stands for any other dims`,
    );
  return [...term];
};

/** `…n`, …, `…1` for the n dims that "..." stands for. */
const ellipsis = (n: number): string[] => Array.from({ length: n }, (_, i) => `…${n - i}`);

function labelsOf(call: string, term: string, shape: Shape, k: number): string[] {
  const parts = term.split("...");
  const [before, after] = parts.map((part) => letters(call, part));
  const count = before.length + (after?.length ?? 0);
  const fits = after === undefined ? count === shape.length : count <= shape.length;
  if (fits && parts.length <= 2)
    return after === undefined ? before : [...before, ...ellipsis(shape.length - count), ...after];
  throw new ShapeError(
    `${call}: operand ${k} of shape ${show(shape)} has subscripts "${term}" — one for each of its ${shape.length} dims` +
      `${count < shape.length ? ', or "..." for the others' : ""}`,
  );
}

function implied(inputs: Equation["inputs"], deepest: number): string[] {
  const all = inputs.flat().filter((label) => !label.startsWith("…"));
  const once = all.filter((label) => all.indexOf(label) === all.lastIndexOf(label));
  return [...ellipsis(deepest), ...once.sort()];
}

function named(call: string, right: string, deepest: number): string[] {
  const parts = right.split("...");
  if (parts.length > 2) throw new ShapeError(`${call} — "..." stands at most once in a term`);
  return parts.flatMap((part, i) => [...(i === 1 ? ellipsis(deepest) : []), ...letters(call, part)]);
}

function checkOutput(call: string, output: readonly string[], inputs: Equation["inputs"]): void {
  output.forEach((label, i) => {
    if (output.indexOf(label) !== i)
      throw new ShapeError(
        `${call}: subscript "${label}" stands twice in the result — each dim is named once`,
      );
    if (!inputs.some((labels) => labels.includes(label)))
      throw new ShapeError(
        `${call}: subscript "${label}" of the result stands in no operand — it has no size`,
      );
  });
}

/** Sizes are equal wherever a label stands, or 1, which stretches. */
function sizesOf(call: string, inputs: Equation["inputs"], shapes: readonly Shape[]): Map<string, number> {
  const found = new Map<string, { n: number; k: number }>();
  inputs.forEach((labels, k) => {
    labels.forEach((label, d) => {
      const n = shapes[k][d];
      const known = found.get(label);
      const stretches = known?.k !== k && (known?.n === 1 || n === 1);
      if (known && known.n !== n && !stretches)
        throw new ShapeError(
          `${call}: subscript "${label.startsWith("…") ? "..." : label}" is ${known.n} in operand ${known.k} and ${n} in ` +
            `operand ${k} — sizes must be equal${known.k === k ? "" : ", or one of them 1"}`,
        );
      if (!known || known.n === 1) found.set(label, { n, k });
    });
  });
  return new Map([...found].map(([label, { n }]) => [label, n]));
}

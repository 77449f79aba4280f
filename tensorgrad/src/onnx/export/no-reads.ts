import { show } from "../../00-runtime/index.ts";
import { callSite, observingReads, operationsBehind, type Tensor } from "../../01-tensor/index.ts";

/** The inputs of the graph that is being recorded, with their names; null while none is. */
let inputs: Map<unknown, string> | null = null;

/** Names tensors whose numbers will be others when the file runs. */
export function declareInputs(named: Iterable<readonly [Tensor, string]>): void {
  for (const [x, name] of named) inputs?.set(x, name);
}

/**
 * Runs `fn`, in which no number may be taken out of a tensor that depends on an input: in the file it would stay that of
 * the example for ever. What only depends on weights may be read: they go into the file as they are.
 *
 * Throws    TypeError that names the read, the input and the line
 */
export function refusingReads<T>(fn: () => T): T {
  const outer = inputs;
  inputs = new Map();
  try {
    return observingReads((x, read) => refuse(x as Tensor, read), fn);
  } finally {
    inputs = outer;
  }
}

function refuse(x: Tensor, read: string): void {
  const name = inputBehind(x);
  if (name === undefined) return;
  const made = origin(x).gradFn;
  const what = made
    ? `a result of ${made.name}, ${show(x.shape)}, that depends on ${name}`
    : `${name}, ${show(x.shape)}`;
  throw new TypeError(
    `exportOnnx: ${read} of ${what}, at ${callSite(new Error().stack ?? "")} — the file would keep the numbers of this ` +
      "example; compute with the tensor itself: x.div(x.max()) instead of x.div(x.max().item()), " +
      "condition.where(a, b) instead of if",
  );
}

/** The name of the first input that a tensor depends on. */
function inputBehind(x: Tensor): string | undefined {
  if (inputs?.has(x)) return inputs.get(x);
  for (const { prev } of operationsBehind([x])) {
    for (const from of prev) if (inputs?.has(from)) return inputs.get(from);
  }
  return undefined;
}

/** What a tensor is a view of: reductions end in a reshape, which says nothing to a reader. */
const origin = (x: Tensor): Tensor => (x.gradFn?.name === "Reshape" ? origin(x.gradFn.prev[0]) : x);

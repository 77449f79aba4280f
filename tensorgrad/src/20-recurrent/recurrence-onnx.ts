import {
  type Function,
  int64s,
  node,
  type OnnxNode,
  type OnnxOperand,
  operationsBehind,
  recordAll,
  type Tensor,
} from "../01-tensor/index.ts";
import type { Recurrence } from "./recurrence.ts";

const reshape = (x: OnnxOperand, ...shape: number[]) => node("Reshape", {}, [x, int64s(...shape)]);

/**
 * One of the operators RNN, LSTM, GRU, whose weights are [1, G·H, …] with their blocks in an order of their own. Its outputs
 * are [T, 1, B, H], final states [1, B, H]. ONNX Runtime has no float64 kernel for them: `float64` is the composed form.
 */
export function onnxRecurrence(fn: Recurrence): OnnxNode {
  const { course, states, prev } = fn;
  const { op, attributes, order } = fn.onnxCell();
  const hidden = prev[2].shape[1];
  const weight = (i: number) => {
    const columns = prev[i].shape.slice(1);
    if (order.length === 1) return reshape(i, 1, hidden, ...columns);
    const blocks = reshape(i, order.length, hidden, ...columns);
    const ordered = node("Gather", { axis: 0 }, [blocks, int64s(...order)]);
    return reshape(ordered, 1, order.length * hidden, ...columns);
  };
  const bias = node("Concat", { axis: 1 }, [weight(3), weight(4)]);
  const given = Array.from({ length: course.given ? states : 0 }, (_, s) =>
    node("Unsqueeze", {}, [5 + s, int64s(0)]),
  );
  const direction = course.reverse ? "reverse" : "forward";
  const cell = node(op, { ...attributes, hidden_size: hidden, direction }, [
    ...[0, weight(1), weight(2), bias],
    course.lengths ? prev.length - 1 : null,
    ...given,
  ]);
  const y = node("Squeeze", {}, [cell, int64s(1)]);
  const final = Array.from({ length: states }, (_, s) => ({ ...cell, output: s + 1 }));
  const whole = course.final ? node("Concat", { axis: 0 }, [y, ...final]) : y;
  return { ...whole, float64: () => spelledOut((...inputs) => fn.composed(...inputs), prev) };
}

/** What a function of tensors computes, as nodes: each operation that it uses, in its own words. */
function spelledOut(fn: (...inputs: Tensor[]) => Tensor, inputs: readonly Tensor[]): OnnxNode {
  const given = inputs.map((x) => x.detach());
  const y = recordAll(() => fn(...given));
  const trees = new Map<Function, OnnxNode>();
  const operand = (x: Tensor): OnnxOperand =>
    given.includes(x) ? given.indexOf(x) : x.gradFn ? (trees.get(x.gradFn) as OnnxNode) : constant(x);
  for (const operation of operationsBehind([y])) {
    const tree = operation.onnx() ?? node(operation.name); // named in the error of whoever reads it
    trees.set(operation, withOperands(tree, operation.prev.map(operand), new Map()));
  }
  return trees.get(y.gradFn as Function) as OnnxNode;
}

/** The tree with these in the place of its operation's inputs; a part that is met twice stays one. */
function withOperands(
  tree: OnnxNode,
  operands: readonly OnnxOperand[],
  known: Map<OnnxNode, OnnxNode>,
): OnnxNode {
  const before = known.get(tree);
  if (before) return before;
  const inputs = (tree.inputs ?? operands.map((_, i) => i)).map((x) => {
    if (typeof x === "number") return operands[x];
    return x !== null && "op" in x ? withOperands(x, operands, known) : x;
  });
  const { float64 } = tree;
  const placed = {
    ...tree,
    inputs,
    ...(float64 && { float64: () => withOperands(float64(), operands, new Map()) }),
  };
  known.set(tree, placed);
  return placed;
}

const constant = ({ isFloat, dtype, shape, data }: Tensor): OnnxOperand => ({
  dtype: isFloat ? "float" : dtype === "bool" ? "bool" : "int32",
  shape,
  data: Array.from(data),
});

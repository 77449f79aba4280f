import { trace, Value } from "micrograd";
import { type Fault, inMethod } from "../mutants/plant.ts";

/** What a wrong rule may use: the gradient of the result, what the right rule hands on, and the numbers. */
interface Scalars {
  readonly g: number;
  readonly right: readonly number[];
  readonly inputs: readonly number[];
  readonly result: number;
}

/** A fault in the derivative of one of micrograd's operations. */
const inRule = (
  name: string,
  method: "mul" | "pow" | "relu" | "tanh",
  wrong: (rule: Scalars) => readonly number[],
): Fault =>
  inMethod(
    name,
    Value.prototype,
    method,
    (right: (this: Value, ...operands: never[]) => Value) =>
      function (this: Value, ...operands: never[]) {
        const { data, label, op, prev, pullback } = right.apply(this, operands);
        const inputs = prev.map((x) => x.data);
        return new Value(data, label, op, prev, (g) =>
          wrong({ g, right: pullback(g), inputs, result: data }),
        );
      },
    "scalar parity",
  );

/** Faults in the scalar engine: only ONNX Runtime runs derivatives that do not come from it. */
export const faults: readonly Fault[] = [
  inMethod(
    "micrograd: the last contribution overwrites the others",
    Value.prototype,
    "backward",
    () =>
      function (this: Value) {
        for (const { node, contributions } of trace(this)) {
          contributions.forEach((contribution, i) => {
            node.prev[i].grad = contribution;
          });
        }
      },
    "scalar parity",
  ),
  inRule(
    "micrograd pow: the exponent's gradient without the logarithm",
    "pow",
    ({ g, right: [dx, dy], result }) => (dy === undefined ? [dx] : [dx, g * result]),
  ),
  inRule("micrograd pow: the exponent not lowered", "pow", ({ g, right: [dx, dy], inputs: [, y], result }) =>
    dy === undefined ? [dx] : [g * y * result, dy],
  ),
  inRule("micrograd relu: slope 1 at 0", "relu", ({ g, inputs: [x] }) => [x >= 0 ? g : 0]),
  inRule("micrograd mul: each factor gets itself", "mul", ({ g, inputs: [x, y] }) => [g * x, g * y]),
  inRule("micrograd tanh: 1 − t", "tanh", ({ g, result }) => [g * (1 - result)]),
];

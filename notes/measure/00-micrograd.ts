import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { MLP, trace, type Value, v } from "micrograd";
import { compared, exponent, report } from "../lib/measure.ts";

/** Note 00: what one gradient costs, by going back once and by finite differences, and what a graph weighs. */
setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

const loss = (model: MLP): Value =>
  model
    .forward([0.5, -1, 2])
    .map((y) => y.pow(2))
    .reduce((sum, y) => sum.add(y));

/** Every parameter moved once, up only: the cheapest finite differences there are. */
function differences(model: MLP): number[] {
  const at = loss(model).data;
  return model.parameters().map((parameter) => {
    const before = parameter.data;
    parameter.data += 1e-6;
    const slope = (loss(model).data - at) / 1e-6;
    parameter.data = before;
    return slope;
  });
}

const points = [2, 4, 8, 16, 32, 64].map((width) => {
  const model = new MLP(3, [width, width, 1], { seed: 1 });
  const reverse = () => {
    model.zeroGrad();
    loss(model).backward();
  };
  const ways = { forward: () => void loss(model), reverse, differences: () => void differences(model) };
  const rounds = width > 32 ? 5 : width > 16 ? 9 : 25;
  const times = compared(ways, { rounds, warmUp: width > 32 ? 2 : 10 });
  return { parameters: model.parameters().length, operations: [...trace(loss(model))].length, ...times };
});

/** Bytes of one node, with its closure and its list of inputs, in a chain of 200,000. */
function bytesPerNode(): number {
  const length = 200_000;
  collectGarbage();
  const before = process.memoryUsage().heapUsed;
  let end = v(1);
  for (let i = 0; i < length; i++) end = end.mul(1.0000001);
  collectGarbage();
  return (process.memoryUsage().heapUsed - before) / length + 0 * end.data;
}

const last = points[points.length - 1];
report({
  points,
  reverseOverForward: last.reverse / last.forward,
  differencesOverForward: last.differences / last.forward,
  reverseExponent: exponent(points.slice(2).map((p) => [p.parameters, p.reverse])),
  differencesExponent: exponent(points.slice(2).map((p) => [p.parameters, p.differences])),
  parameters: last.parameters,
  bytesPerNode: bytesPerNode(),
});

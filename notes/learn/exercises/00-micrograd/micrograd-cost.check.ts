import { MLP } from "micrograd";
import { asked } from "../compare.ts";

/** The forward passes that differences of this kind take for all parameters of the network. */
function passes(kind: "oneSided" | "central"): number {
  const model = new MLP(2, [3, 1]);
  let count = 0;
  const f = (): number => {
    count++;
    return model.forward([1, 2])[0].data;
  };
  const middle = kind === "oneSided" ? f() : null;
  for (const p of model.parameters()) {
    const at = p.data;
    const value = (x: number): number => {
      p.data = x;
      return f();
    };
    value(at + 1e-4) - (middle ?? value(at - 1e-4));
    p.data = at;
  }
  return count;
}

export const { checks, solution } = asked({
  oneSided: ["passes of one-sided differences, counted", () => passes("oneSided")],
  central: ["passes of central differences, counted", () => passes("central")],
});

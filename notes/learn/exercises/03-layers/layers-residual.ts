import type { Exercise } from "../../exercise.ts";

export const exercise: Exercise = {
  id: "layers-residual",
  title: "Layers that add to their input",
  kind: "write",
  points: 20,
  part: "implementation",
  source: "tensorgrad/src/03-layers/residual.ts",
  note: "03-layers#the-rule",
  task: "Write y = x + f(x), where f is what the layers do one after the other: `super.forward(x)`. Derive by hand what reaches x on the way back. If f changes the shape, throw a `ShapeError` that names both shapes: broadcasting would hide a mistake.",
  hints: [
    "If f gives zeros, what must the block give?",
    "The sum hands its gradient on to both terms. One of them is x itself.",
    "y = x + f(x); dx = g + f′(x)ᵀ·g",
    "change ← super.forward(x); if its shape is not that of x, throw; return x.add(change)",
  ],
  mistakes: [
    {
      name: "x forgotten",
      wrong: `    const change = super.forward(x);
    if (!sameShape(change.shape, x.shape))
      throw new ShapeError(\`Residual: input \${show(x.shape)}, after its layers \${show(change.shape)}\`);
    return change;`,
      says: "This is a plain stack of layers. Nothing goes around them.",
      fault: "Residual: x forgotten",
    },
    {
      name: "multiplied instead of added",
      wrong: `    const change = super.forward(x);
    if (!sameShape(change.shape, x.shape))
      throw new ShapeError(\`Residual: input \${show(x.shape)}, after its layers \${show(change.shape)}\`);
    return x.mul(change);`,
      says: "Layers that give zeros must leave x as it is.",
    },
    {
      name: "other shapes broadcast",
      wrong: `    const change = super.forward(x);
    const y = x.add(change);
    return y;`,
      says: "A column [N, 1] was added to every column of x. Refuse a shape that is not that of x.",
    },
  ],
};

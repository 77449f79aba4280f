import type { Exercise } from "../../exercise.ts";

const step = `    const g = needed.has(y) ? pending.complete(y) : null;
    if (!g) continue;`;
const rule = `    const { gradFn } = y;
    if (gradFn?.prev.some((x) => needed.has(x))) {
      using _made = pass && arena();
      using rule = gradFn.running(y, g);
      const gradients = gradFn.backward(rule.g);
      checkCount(gradFn, gradients);
      for (const [i, x] of gradFn.prev.entries())
        if (needed.has(x)) pending.add(x, checked(gradFn, gradients[i], i, rule));
    }
    pending.done(y);
  }
  return { found, visited: order };`;
const seeds = `  const pending = new Pending(pass);
  const found = new Map<Tensor, Tensor>();
  for (const [i, y] of outputs.entries()) pending.add(y, seeds[i]);`;
const needed = `  requireUnreleased(order);
  const needed = leadingTo(isWanted, order);
${seeds}`;
const want = "    if (isWanted(y)) found.set(y, pending.keep(g));";

export const exercise: Exercise = {
  id: "autograd-walk",
  title: "The walk",
  kind: "write",
  points: 20,
  part: "implementation",
  source: "tensorgrad/src/05-autograd/walk.ts",
  note: "05-autograd#the-rule",
  task: "Write the heart of the engine. `topologicalOrder(outputs, undefined, isEnd)` lists tensors, inputs before results. `leadingTo` says which of them are needed. `Pending` adds up contributions: `add`, `complete`, `keep`, `done`. An operation's rule runs in `using rule = gradFn.running(y, g)`, and in an arena of its own if there is a `pass`. `checked` makes each gradient fit its input. Return the gradients of wanted tensors, and the order.",
  hints: [
    "When is the gradient of a tensor complete?",
    "Go from the outputs back. Each tensor comes after all its uses, and by then every use has added its part.",
    "for y in reverse topological order: g = complete(y); for each input x of y's operation: add(x, its gradient)",
    "order ← topologicalOrder(…); refuse a released graph; add the seeds; for y of order, reversed: g ← complete(y), skip if none; if wanted, keep it in found; run the rule in its block; check the count; add the checked gradient of each needed input; done(y)",
  ],
  mistakes: [
    {
      name: "from the inputs to the outputs",
      wrong: `  const order = topologicalOrder(outputs, undefined, isEnd);
${needed}
  for (const y of order) {
${step}
${want}
${rule}`,
      says: "The inputs were asked first, when nothing had reached them. The walk goes backwards.",
    },
    {
      name: "the nearest first",
      wrong: `  const near = [...outputs];
  for (const y of near)
    for (const x of y.gradFn && !isEnd?.(y) ? y.gradFn.prev : [])
      if (x.requiresGrad && !near.includes(x)) near.push(x);
  const order = near.reverse();
${needed}
  for (const y of order.reverse()) {
${step}
${want}
${rule}`,
      says: "A tensor near the output may have another use farther back. It was asked before that use had spoken.",
    },
    {
      name: "only leaves are found",
      wrong: `  const order = topologicalOrder(outputs, undefined, isEnd);
${needed}
  for (const y of order.reverse()) {
${step}
    if (y.isLeaf) found.set(y, pending.keep(g));
${rule}`,
      says: "Leaves are not the only tensors that somebody may want. Ask `isWanted`.",
    },
  ],
};

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromArray, type Tensor, tensor } from "../../src/01-tensor/index.ts";
import { Adam, type Optimizer, type OptimizerState, SGD } from "../../src/06-optimizers/index.ts";
import { gradient, kinds, parameter } from "./settings.fixture.ts";

type Any = Optimizer<{ lr: number }>;

for (const [name, { make, settings }] of Object.entries(kinds)) {
  describe(`settings of ${name}`, () => {
    it("count as if they had been given at once, when they are changed before the first step", () => {
      fc.assert(
        fc.property(settings, settings, (first, later) => {
          const [changed, given] = [trial((p) => make(p, first)), trial((p) => make(p, later))];
          change(changed.optimizer, later);
          for (const one of [changed, given]) one.steps(3);
          expect(changed.numbers()).toEqual(given.numbers());
        }),
      );
    });

    it("count from the next step on, as in a new optimizer that goes on with what the old one remembered", () => {
      fc.assert(
        fc.property(settings, settings, fc.integer({ min: 1, max: 3 }), (first, later, steps) => {
          const changed = trial((p) => make(p, first));
          changed.steps(steps);
          const fresh = trial((p) => make(p, later), changed);
          fresh.optimizer.loadStateDict(carriedOver(changed.optimizer, fresh.optimizer));
          change(changed.optimizer, later);
          for (const one of [changed, fresh]) one.steps(2);
          expect(changed.numbers()).toEqual(fresh.numbers());
        }),
      );
    });

    it("are part of a saved state, which an optimizer made with the old ones takes", () => {
      fc.assert(
        fc.property(settings, settings, fc.boolean(), (first, later, stepped) => {
          const through = trial((p) => make(p, first));
          through.steps(2);
          change(through.optimizer, later);
          if (stepped) through.steps(1);
          const resumed = trial((p) => make(p, first), through);
          resumed.optimizer.loadStateDict(copy(through.optimizer.stateDict()));
          for (const one of [through, resumed]) one.steps(2);
          expect(resumed.numbers()).toEqual(through.numbers());
        }),
      );
    });

    it("make the same step in tensor operations as in the kernel", () => {
      fc.assert(
        fc.property(settings, (settings) => {
          const { optimizer, p } = trial((p) => make(p, settings));
          for (let step = 1; step <= 3; step++) {
            const { tensors } = copy(optimizer.stateDict());
            const state = Object.fromEntries(Object.entries(tensors).map(([key, t]) => [key.slice(2), t]));
            const move = optimizer.moves(optimizer.groups[0].settings, fromArray(Int32Array.of(step), []));
            const next = move({ p: p.detach().clone(), state }, gradient(step));
            p.grad = gradient(step);
            optimizer.step();
            expect([...next.p.data]).toEqual(near(p));
            for (const [key, t] of Object.entries(optimizer.stateDict().tensors)) {
              expect([...next.state[key.slice(2)].data]).toEqual(near(t));
            }
          }
        }),
      );
    });
  });
}

describe("settings that are changed later", () => {
  const p = (): Tensor => tensor([1], { requiresGrad: true });

  it("take effect: momentum from the first step on", () => {
    const x = p();
    const optimizer = new SGD([x], { lr: 0.1 });
    optimizer.groups[0].settings.momentum = 0.9;
    for (let i = 0; i < 3; i++) {
      x.grad = tensor([1]);
      optimizer.step();
    }
    expect(x.item()).toBeCloseTo(1 - 0.1 * (1 + 1.9 + 2.71), 6); // 0.439
  });

  it("are refused where they make no sense, before anything has moved", () => {
    const [x, y] = [p(), p()];
    const optimizer = new Adam([{ params: [x] }, { params: [y] }]);
    [x.grad, y.grad] = [tensor([1]), tensor([1])];
    optimizer.groups[1].settings.betas = [0.9, 1];
    expect(() => optimizer.step()).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: Adam: betas = 0.9, 1 — each must be below 1]`,
    );
    optimizer.groups[1].settings.betas = [0.9, 0.99];
    Object.assign(optimizer.groups[1].settings, { weightdecay: 0.1 });
    expect(() => optimizer.step()).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: Adam: weightdecay is no setting — settings are lr, betas, eps, weightDecay, amsgrad]`,
    );
    expect([x.item(), y.item(), optimizer.groups[0].settings.betas]).toEqual([1, 1, [0.9, 0.999]]);
  });

  it("may be a rate of 0, as schedules give it", () => {
    const x = p();
    const optimizer = new SGD([x], { lr: 0.1 });
    optimizer.groups[0].settings.lr = 0;
    x.grad = tensor([1]);
    optimizer.step();
    expect(x.item()).toBe(1);
  });

  it("are no parameters: those that are added to a group are refused", () => {
    const optimizer = new SGD([p()]);
    (optimizer.groups[0].params as Tensor[]).push(p());
    expect(() => optimizer.step()).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: SGD: a parameter of shape [1] was added to a group later — make a new optimizer with all parameters]`,
    );
  });

  it("of one group leave the others alone, lists included", () => {
    const optimizer = new Adam([{ params: [p()] }, { params: [p()] }]);
    (optimizer.groups[0].settings.betas as [number, number])[0] = 0.5;
    expect(optimizer.groups[1].settings.betas).toEqual([0.9, 0.999]);
  });
});

/** A parameter with its optimizer, stepped by gradients that depend on the step alone; goes on from another trial's place. */
function trial(
  make: (params: readonly Tensor[]) => Any,
  from?: { readonly p: Tensor; readonly done: () => number },
) {
  const p = parameter();
  if (from) p.assign(from.p);
  let done = from?.done() ?? 0;
  const optimizer = make([p]);
  const steps = (count: number): void => {
    for (let i = 0; i < count; i++) {
      p.grad = gradient(++done);
      optimizer.step();
    }
  };
  return { p, optimizer, steps, done: () => done, numbers: () => [...p.data] };
}

const change = (optimizer: Any, settings: object): void =>
  void Object.assign(optimizer.groups[0].settings, settings);

/** What `to` needs of the state of `from`: tensors it does not have begin at 0. */
function carriedOver(from: Any, to: Any): OptimizerState<{ lr: number }> {
  const [old, fresh] = [copy(from.stateDict()), to.stateDict()];
  const tensors = Object.entries(fresh.tensors).map(([name, zero]) => [
    name,
    old.tensors[name] ?? zero.clone(),
  ]);
  return { groups: fresh.groups, steps: old.steps, tensors: Object.fromEntries(tensors) };
}

const copy = ({
  groups,
  steps,
  tensors,
}: OptimizerState<{ lr: number }>): OptimizerState<{ lr: number }> => ({
  groups: structuredClone(groups),
  steps: [...steps],
  tensors: Object.fromEntries(Object.entries(tensors).map(([name, t]) => [name, t.clone()])),
});

const near = ({ data }: Tensor): number[] => [...data].map((value) => expect.closeTo(value, 9));

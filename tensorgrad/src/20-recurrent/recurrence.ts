import { kernels } from "../00-runtime/index.ts";
import {
  arange,
  copyInto,
  Function,
  fillWith,
  type Gradient,
  isRecording,
  multiplyInto,
  type OnnxNode,
  stack,
  type Tensor,
  zeros,
} from "../01-tensor/index.ts";
import { linear } from "../03-layers/index.ts";
import { gradientsInside } from "../05-autograd/index.ts";
import * as reference from "./recurrence.reference.ts";
import * as split from "./recurrence.split.ts";
import { onnxRecurrence } from "./recurrence-onnx.ts";
import { at, first, rows, transposed } from "./views.ts";

const kernel = kernels(reference, split);

/** How one layer goes through a batch of sequences. */
export interface Course {
  /** From the last step to the first; each sequence from its own last one. */
  readonly reverse: boolean;
  /** Whether initial states follow the weights among the inputs; else they are 0. */
  readonly given: boolean;
  /** Whether the last input holds the sequences' lengths, int32 [B]. */
  readonly lengths: boolean;
  /** Whether the final states follow the outputs in the result. */
  readonly final: boolean;
}

/** h, or h and c, [B, H] each; or their gradients. */
export type States = readonly Tensor[];

/** What the kernels of step t read and write. */
export interface Step {
  readonly t: number;
  /** [B, G·H]: W·x + b before the step, what backward needs after it. */
  readonly gates: Tensor;
  readonly before: States;
  readonly after: States;
}

/** The same on the way back. */
export interface StepBack extends Step {
  /** The gradient of this step's output. */
  readonly g: Tensor;
  /** Gradients of the states: those after the step are known, those before it are wanted. */
  readonly dAfter: States;
  readonly dBefore: States;
  /** Gradients of W·x + b and of R·h + b, also wanted. They are one tensor, except in a GRU. */
  readonly toInput: Tensor;
  readonly toHidden: Tensor;
}

/**
 * One layer over whole sequences in one direction: what RNN, LSTM and GRU have in common.
 *
 * W·x + b is one product for all steps. Each step then is a product R·h and one kernel for everything that happens element by
 * element. Backward takes the steps in the opposite order. Gradients of the weights are one product each, for all steps.
 *
 * Shapes    x [T, B, in], W [G·H, in], R [G·H, H], two biases [G·H], states [B, H] each, lengths [B]
 *           → outputs [T, B, H]; with the final states, [T + 1, B, H] or [T + 2, B, H]
 */
export abstract class Recurrence extends Function {
  readonly course: Course;
  /** Blocks of H rows in the weights, G above. */
  abstract readonly blocks: number;
  abstract readonly states: 1 | 2;
  /** 1: a part of h reaches the next state without passing through R. */
  protected readonly direct: 0 | 1 = 0;
  #gates!: Tensor;
  #initial!: States;
  /** The states after every step, [T, B, H] each. */
  #paths!: States;
  /** The input without what stands after the end of a sequence: not even NaN there may reach a gradient. */
  #x!: Tensor;
  constructor(course: Course) {
    super();
    this.course = course;
  }

  /** The bias that is laid down for all steps at once. */
  protected abstract biasOf(input: Tensor, hidden: Tensor): Tensor;
  protected abstract step(step: Step, R: Tensor, bias: Tensor): void;
  /** Everything of a step's gradient but what goes through R. */
  protected abstract stepBack(step: StepBack): void;
  /** One step in tensor operations, from W·x + b: the states after it. */
  protected abstract composedStep(gates: Tensor, before: States, R: Tensor, bias: Tensor): States;
  /** The operator, its settings, and the order in which it has the blocks of the weights. */
  abstract onnxCell(): Pick<OnnxNode, "op" | "attributes"> & { readonly order: readonly number[] };

  /** Room for what a layer keeps beside its gates. */
  protected prepare(_x: Tensor, _T: number, _B: number, _H: number): void {}
  /** Where the gradients of R·h + b go. */
  protected roomToHidden(toInput: Tensor): Tensor {
    return toInput;
  }

  forward(...inputs: Tensor[]): Tensor {
    const [x, W, R, bW, bR] = inputs;
    const [[T, B], [, H]] = [x.shape, R.shape];
    const lengths = this.#lengths(inputs)?.contiguous();
    const y = x.newEmpty([this.course.final ? T + this.states : T, B, H]);
    this.#initial = this.#initialOf(inputs).map((state) => state.contiguous());
    // Outputs after a sequence's end are 0, states stay; without lengths both are the same.
    this.#paths = this.#initial.map((_, s) => (s === 0 && !lengths ? first(y, T) : x.newEmpty([T, B, H])));
    this.#gates = this.blocks === 1 ? this.#paths[0] : x.newEmpty([T, B, this.blocks * H]);
    this.#x = lengths ? cutOff(x, lengths) : x;
    copyInto(this.biasOf(bW, bR), this.#gates);
    multiplyInto(rows(this.#x), transposed(W), rows(this.#gates), [], 1);
    this.prepare(x, T, B, H);
    for (const t of this.#order(T)) {
      const step = this.#stepAt(t, T);
      this.step(step, transposed(R), bR);
      if (lengths) hold(step.before, step.after, lengths, t);
    }
    if (lengths) copyInto(cutOff(this.#paths[0], lengths), first(y, T));
    if (this.course.final)
      this.#paths.forEach((path, s) => {
        copyInto(at(path, this.course.reverse ? 0 : T - 1), at(y, T + s));
      });
    return y;
  }

  backward(g: Tensor): Gradient[] {
    if (isRecording()) return gradientsInside((...inputs) => this.composed(...inputs), this.prev, [], g);
    const [, W, R] = this.prev;
    const { toInput, toHidden, toInitial } = this.#back(g.contiguous(), R);
    const gradients: Gradient[] = [
      () => rows(toInput).matmul(W).reshape(this.#x.shape),
      () => rows(toInput).t().matmul(rows(this.#x)),
      () => this.#toR(toHidden),
      () => rows(toInput).sum(0),
      () => rows(toHidden).sum(0),
    ];
    if (this.course.given) gradients.push(...toInitial);
    return this.course.lengths ? [...gradients, null] : gradients;
  }

  #back(g: Tensor, R: Tensor) {
    const [T, B, H] = this.#paths[0].shape;
    const lengths = this.#lengths(this.prev)?.contiguous();
    const none = fillWith(g.newEmpty([B, this.blocks * H]), 0);
    const toInput = g.newEmpty([T, B, this.blocks * H]);
    const toHidden = this.roomToHidden(toInput);
    let dAfter: States = this.#paths.map((_, s) =>
      this.course.final ? at(g, T + s) : none.newView([B, H], [H, 1], 0),
    );
    const room = [0, 1].map(() => this.#paths.map(() => g.newEmpty([B, H])));
    for (const [i, t] of this.#order(T).reverse().entries()) {
      const [dBefore, z, q] = [room[i % 2], at(toInput, t), at(toHidden, t)];
      this.stepBack({ ...this.#stepAt(t, T), g: at(g, t), dAfter, dBefore, toInput: z, toHidden: q });
      if (lengths) hold([none, none], [z, q], lengths, t);
      multiplyInto(q, R, dBefore[0], [], this.direct);
      if (lengths) hold(dAfter, dBefore, lengths, t);
      dAfter = dBefore;
    }
    return { toInput, toHidden, toInitial: dAfter };
  }

  /** h after every step, [T, B, H]. */
  protected get hidden(): Tensor {
    return this.#paths[0];
  }

  /** Σ over steps of the gradient of R·h + b times the h that came in; that of the first step is no row of a path. */
  #toR(toHidden: Tensor): Tensor {
    const [[path], T] = [this.#paths, toHidden.shape[0]];
    const [later, earlier] = this.course.reverse ? [0, 1] : [1, 0];
    const dR = rows(toHidden.narrow(0, later, T - 1))
      .t()
      .matmul(rows(path.narrow(0, earlier, T - 1)));
    const start = at(toHidden, this.course.reverse ? T - 1 : 0);
    multiplyInto(transposed(start), this.#initial[0], dR, [], 1);
    return dR;
  }

  /** The same in plain tensor operations: what can be differentiated twice, and what engines without this operator compute. */
  composed(...inputs: Tensor[]): Tensor {
    const [x, W, R, bW, bR] = inputs;
    const lengths = this.#lengths(inputs);
    const T = x.shape[0];
    const goesOn = lengths?.gt(arange(T).unsqueeze(1)).unsqueeze(2); // [T, B, 1]
    const gates = linear(goesOn ? goesOn.where(x, 0) : x, W, bW);
    const ys = new Array<Tensor>(T);
    let states: States = this.#initialOf(inputs);
    for (const t of this.#order(T)) {
      const [before, next] = [states, this.composedStep(gates.select(0, t), states, R, bR)];
      const now = goesOn?.select(0, t); // [B, 1]
      states = now ? next.map((state, s) => now.where(state, before[s])) : next;
      ys[t] = now ? now.where(next[0], 0) : next[0];
    }
    return stack(this.course.final ? [...ys, ...states] : ys);
  }

  override multiplyAdds([x, W, R]: readonly Tensor[]): number {
    return x.size * W.shape[0] + x.shape[0] * x.shape[1] * R.size;
  }

  override onnx(): OnnxNode {
    return onnxRecurrence(this);
  }

  /** The steps in the order of the course. */
  #order(T: number): number[] {
    const steps = Array.from({ length: T }, (_, t) => t);
    return this.course.reverse ? steps.reverse() : steps;
  }

  #stepAt(t: number, T: number): Step {
    const from = this.course.reverse ? t + 1 : t - 1;
    const before = from < 0 || from === T ? this.#initial : this.#paths.map((path) => at(path, from));
    return { t, gates: at(this.#gates, t), before, after: this.#paths.map((path) => at(path, t)) };
  }

  #lengths(inputs: readonly Tensor[]): Tensor | null {
    return this.course.lengths ? (inputs.at(-1) as Tensor) : null;
  }

  #initialOf([x, , R, , , ...rest]: readonly Tensor[]): States {
    if (this.course.given) return rest.slice(0, this.states);
    const none = zeros([x.shape[1], R.shape[1]], { dtype: x.dtype });
    return this.states === 1 ? [none] : [none, none];
  }
}

/** Sequences that have ended keep what they had. */
function hold(from: States, to: States, lengths: Tensor, t: number): void {
  to.forEach((state, s) => {
    const [B, width] = state.shape;
    kernel.holdRows(from[s], state, lengths, B, width, t);
  });
}

/** A copy of x [T, B, n] with zeros where sequences have ended. */
function cutOff(x: Tensor, lengths: Tensor): Tensor {
  const [T, B, width] = x.shape;
  const [y, none] = [x.newEmpty(x.shape), zeros([B, width], { dtype: x.dtype })];
  copyInto(x, y);
  for (let t = 0; t < T; t++) hold([none], [at(y, t)], lengths, t);
  return y;
}

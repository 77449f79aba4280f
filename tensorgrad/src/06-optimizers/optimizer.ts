import {
  counted,
  currentArena,
  GradientError,
  give,
  observing,
  Printed,
  repeated,
  ShapeError,
  settings,
  show,
} from "../00-runtime/index.ts";
import { sameShape, type Tensor, zerosLike } from "../01-tensor/index.ts";
import { copied, grouped, type ParameterGroup, type Parameters } from "./parameter-groups.ts";

export type { ParameterGroup, Parameters } from "./parameter-groups.ts";

/** One parameter before or after a step, with what its optimizer remembers of it. */
export interface Moving {
  readonly p: Tensor;
  readonly state: Readonly<Record<string, Tensor>>;
}

/** One parameter's step, in tensor operations. */
export type Move = (from: Moving, g: Tensor) => Moving;

/** Everything an optimizer must remember to go on exactly where it stopped. */
export interface OptimizerState<Settings> {
  readonly groups: readonly Settings[];
  /** How often each parameter was moved. */
  readonly steps: readonly number[];
  /** By "<position of the parameter>.<name>", such as `0.velocity`. */
  readonly tensors: Readonly<Record<string, Tensor>>;
}

/** What is remembered of one parameter: how often it moved, and tensors of its own shape. */
interface Memory {
  steps: number;
  readonly tensors: Record<string, Tensor>;
}

/** A parameter that is about to move. */
interface Turn<Settings> {
  readonly p: Tensor;
  readonly g: Tensor;
  readonly memory: Memory;
  readonly settings: Settings;
}

/**
 * Changes parameters by their gradients. Subclasses say which tensors they remember per parameter and how one
 * parameter moves; groups, state and bookkeeping are here.
 *
 * State tensors are made at once, so that memory is flat from the first step, and live as long as their parameter. A
 * setting that is changed later counts from the next step on: tensors that it needs begin at 0, others are dropped.
 */
export abstract class Optimizer<Settings extends { lr: number }> extends Printed {
  readonly groups: readonly ParameterGroup<Settings>[];
  readonly #memory = new Map<Tensor, Memory>();

  readonly #names: ReadonlySet<string>;

  constructor(params: Parameters<Settings>, settings: Settings) {
    super();
    this.groups = grouped(this.constructor.name, params, settings);
    this.#names = new Set(Object.keys(settings));
    for (const { params, settings } of this.groups) {
      this.check(settings);
      for (const p of params) this.#memory.set(p, this.#begin(p, this.remembers(settings)));
    }
    if (this.#memory.size === 0) throw this.complaint("no parameters — pass model.parameters()");
  }

  /** Names of the tensors kept for each parameter. */
  protected abstract remembers(settings: Settings): readonly string[];

  /** Moves one parameter; `step` counts its own moves from 1. */
  protected abstract update(
    p: Tensor,
    g: Tensor,
    tensors: Memory["tensors"],
    settings: Settings,
    step: number,
  ): void;

  /**
   * The step of a group's parameters in tensor operations, so that it can be exported: what `update` does element by
   * element, said where a graph has to say it. `step` is an int32 scalar that counts from 1.
   */
  moves(_settings: Settings, _step: Tensor): Move {
    throw new TypeError(
      `exportOnnx: optimizer ${this.constructor.name} — its step is not said in tensor operations; give the class a method ` +
        "moves(settings, step) that returns ({ p, state }, g) => ({ p, state })",
    );
  }

  /** Refuses settings of a group that make no sense; subclasses add rules of their own. */
  protected check(settings: Settings): void {
    if (!(settings.lr > 0 && Number.isFinite(settings.lr))) {
      throw this.complaint(`lr = ${settings.lr} — a learning rate is a finite number above 0`);
    }
    for (const [key, value] of Object.entries(settings)) {
      const values: unknown[] = typeof value === "boolean" ? [] : [value].flat();
      if (values.some((v) => !(typeof v === "number" && v >= 0 && Number.isFinite(v)))) {
        const given = values.map((v) => (typeof v === "string" ? JSON.stringify(v) : String(v)));
        throw this.complaint(`${key} = ${given.join(", ")} — must be a finite number ≥ 0`);
      }
    }
  }

  /** Refuses parameters that this optimizer cannot move; any floats will do for most. */
  protected checkParameter(_p: Tensor): void {}

  /** An error that begins with the name of this optimizer. */
  protected complaint(what: string): RangeError {
    return new RangeError(`${this.constructor.name}: ${what}`);
  }

  /**
   * Moves every parameter that has a gradient.
   *
   * Throws  GradientError for one of another shape or dtype, RangeError for settings that make no sense (any more); none has moved then
   */
  step(): void {
    using _seen = observing("update", `${this.constructor.name}.step`, this);
    for (const p of this.#memory.keys()) if (p.grad) this.#checkGradient(p, p.grad);
    this.#takeNotice();
    const moving: Turn<Settings>[] = [];
    for (const { params, settings } of this.groups) {
      for (const p of params) {
        const memory = this.#memory.get(p);
        if (p.grad && memory) moving.push({ p, g: p.grad.contiguous(), memory, settings });
      }
    }
    // Counts and settings are JavaScript's: a captured step asks for them again.
    repeated(
      moving.map(({ g }) => g),
      (...gradients) => this.#move(moving, gradients),
    );
  }

  #move(moving: readonly Turn<Settings>[], gradients: readonly Tensor[]): void {
    this.#takeNotice();
    for (const [i, { p, memory, settings }] of moving.entries()) {
      this.update(p, gradients[i], memory.tensors, settings, ++memory.steps);
      p.storage.version++;
    }
  }

  /** Forgets all gradients. */
  zeroGrad(): void {
    for (const p of this.#memory.keys()) p.zeroGrad();
  }

  /** Live views of the state, not copies: save them, or clone them, before the next step. */
  stateDict(): OptimizerState<Settings> {
    this.#takeNotice();
    const memories = [...this.#memory.values()];
    const tensors = memories.flatMap((memory, i) =>
      Object.entries(memory.tensors).map(([name, tensor]) => [`${i}.${name}`, tensor.detach()]),
    );
    const groups = this.groups.map(({ settings }) => copied(settings));
    return { groups, steps: memories.map(({ steps }) => steps), tensors: Object.fromEntries(tensors) };
  }

  /** Continues where `stateDict` was taken. Everything is checked first: a state that does not fit changes nothing. */
  loadStateDict(state: OptimizerState<Settings>): void {
    this.checkState(state);
    for (const [i, group] of this.groups.entries()) Object.assign(group.settings, copied(state.groups[i]));
    for (const [name, tensor] of Object.entries(this.stateDict().tensors)) tensor.assign(state.tensors[name]);
    for (const [i, memory] of [...this.#memory.values()].entries()) memory.steps = state.steps[i];
  }

  /** Which tensors belong to a state with these settings: each by its name, with the parameter whose shape and dtype it has. */
  tensorsFor(groups: readonly Settings[]): Record<string, Tensor> {
    const all = this.groups.flatMap(({ params }, group) =>
      params.map((p) => ({ p, settings: groups[group] })),
    );
    const named = all.flatMap(({ p, settings }, i) =>
      this.remembers(settings).map((name) => [`${i}.${name}`, p]),
    );
    return Object.fromEntries(named);
  }

  /** Throws  RangeError or ShapeError for a state that `loadStateDict` would refuse */
  checkState(state: OptimizerState<Settings>): void {
    const call = `${this.constructor.name}.loadStateDict`;
    const { groups, steps, tensors } = state ?? {};
    if (!Array.isArray(groups) || !Array.isArray(steps) || typeof tensors !== "object" || tensors === null)
      throw new TypeError(`${call}: not { groups, steps, tensors } — expected what stateDict() gave`);
    const counts = [this.#memory.size, this.groups.length, steps.length, groups.length];
    const [have, given] = [0, 2].map((i) => `${counts[i]} parameter(s) in ${counts[i + 1]} group(s)`);
    if (have !== given)
      throw new RangeError(`${call}: ${given}, expected ${have} — the state of another optimizer`);
    for (const [i, { settings }] of this.groups.entries()) {
      const [mine, other] = [settings, groups[i]].map((names) =>
        Object.keys(names ?? {})
          .sort()
          .join(", "),
      );
      if (mine !== other)
        throw new RangeError(`${call}: settings ${other}, expected ${mine} — the state of another optimizer`);
      this.#checkLater(groups[i]);
    }
    const odd = steps.findIndex((n) => !(Number.isInteger(n) && n >= 0));
    if (odd >= 0)
      throw new RangeError(`${call}: parameter ${odd} moved ${steps[odd]} times — a count is an integer ≥ 0`);
    const expected = this.tensorsFor(groups);
    for (const name of new Set([...Object.keys(expected), ...Object.keys(tensors)])) {
      const [mine, other] = [expected[name], tensors[name]];
      if (mine && other && sameShape(mine.shape, other.shape)) continue;
      const shown = (t: Tensor | undefined) => (t ? show(t.shape) : "nothing");
      throw new ShapeError(
        `${call}: ${name} is ${shown(other)}, expected ${shown(mine)} — the state of another optimizer or model`,
      );
    }
  }

  /** Kernels take the sizes on trust. */
  #checkGradient(p: Tensor, g: Tensor): void {
    if (sameShape(g.shape, p.shape) && g.dtype === p.dtype) return;
    throw new GradientError(
      `${this.constructor.name}.step: gradient ${g.dtype} ${show(g.shape)} of a parameter ${p.dtype} ${show(p.shape)} — both ` +
        "must be of one shape and dtype; leave grad to backward()",
    );
  }

  /** Goes by the settings as they are now, which may have been changed: checks all of them before it changes anything. */
  #takeNotice(): void {
    for (const { params, settings } of this.groups) {
      this.#checkLater(settings);
      const stranger = params.find((p) => !this.#memory.has(p));
      if (!stranger) continue;
      throw this.complaint(
        `a parameter of shape ${show(stranger.shape)} was added to a group later — make a new optimizer with all parameters`,
      );
    }
    for (const { params, settings } of this.groups) {
      const names = this.remembers(settings);
      for (const p of params) remember(p, (this.#memory.get(p) as Memory).tensors, names);
    }
  }

  /** Settings after the first: a schedule may have put the rate to 0, and a misspelt name would have no effect. */
  #checkLater(settings: Settings): void {
    const unknown = Object.keys(settings).filter((name) => !this.#names.has(name));
    if (unknown.length)
      throw this.complaint(
        `${unknown.join(", ")} is no setting — settings are ${[...this.#names].join(", ")}`,
      );
    this.check(settings.lr === 0 ? { ...settings, lr: 1 } : settings);
  }

  #begin(p: Tensor, names: readonly string[]): Memory {
    if (!p.isFloat) {
      throw this.complaint(
        `a parameter of dtype ${p.dtype} and shape ${show(p.shape)} — steps are fractions; it must be float32 or float64`,
      );
    }
    if (p.isHalf) {
      throw this.complaint(
        `a parameter of dtype ${p.dtype} and shape ${show(p.shape)} — most steps are smaller than the last place of a number in 16 bits; ` +
          'keep it in float32: model.to("float32"), and multiply in 16 bits with autocast or MixedPrecisionTrainer',
      );
    }
    if (!p.isLeaf || !p.isContiguous()) {
      throw this.complaint(
        `a tensor of shape ${show(p.shape)} that is computed or a strided view — parameters are leaves with memory of their own`,
      );
    }
    if (this.#memory.has(p))
      throw this.complaint(
        `a parameter of shape ${show(p.shape)} appears twice — each may be moved once per step`,
      );
    this.checkParameter(p);
    const memory: Memory = { steps: 0, tensors: {} };
    remember(p, memory.tensors, names);
    return memory;
  }

  protected override describe(): string {
    return this.groups
      .map(({ params, settings: own }) => `${settings(own)} for ${counted(params.length, "parameter")}`)
      .join(", ");
  }
}

/** Makes the tensors that are missing among a parameter's, at 0, and drops those that nobody needs any more. */
function remember(p: Tensor, tensors: Record<string, Tensor>, names: readonly string[]): void {
  for (const name of Object.keys(tensors)) {
    if (names.includes(name)) continue;
    give(tensors[name].storage, currentArena()); // its memory goes with the scope, or with the collector
    delete tensors[name];
  }
  for (const name of names) {
    if (tensors[name]) continue;
    tensors[name] = zerosLike(p);
    give(tensors[name].storage, p.storage.owner ?? null); // lives as long as its parameter
  }
}

import { GradientError, own, ShapeError, show } from "../00-runtime/index.ts";
import { isTensor, sameShape, type Tensor, zerosLike } from "../01-tensor/index.ts";

/** Parameters that share settings. */
export interface ParameterGroup<Settings> {
  readonly params: readonly Tensor[];
  /** May be changed between steps, by hand or by a schedule. */
  readonly settings: Settings;
}

/** What the caller gives: parameters, or groups of them that override some settings. */
export type Parameters<Settings> =
  | readonly Tensor[]
  | readonly (Partial<Settings> & { readonly params: readonly Tensor[] })[];

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
  readonly tensors: Readonly<Record<string, Tensor>>;
}

/**
 * Changes parameters by their gradients. Subclasses say which tensors they remember per parameter and how one
 * parameter moves; groups, state and bookkeeping are here.
 *
 * State tensors are made at once, so that memory is flat from the first step, and live as long as their parameter.
 */
export abstract class Optimizer<Settings extends { lr: number }> {
  readonly groups: readonly ParameterGroup<Settings>[];
  readonly #memory = new Map<Tensor, Memory>();

  constructor(params: Parameters<Settings>, settings: Settings) {
    this.groups = grouped(this.constructor.name, params, settings);
    for (const { params, settings } of this.groups) {
      this.check(settings);
      for (const p of params) this.#memory.set(p, this.#remember(p, this.remembers(settings)));
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

  protected complaint(what: string): RangeError {
    return new RangeError(`${this.constructor.name}: ${what}`);
  }

  /** Moves every parameter that has a gradient. Throws  GradientError if one is of another shape or dtype; none has moved then */
  step(): void {
    for (const p of this.#memory.keys()) if (p.grad) this.#checkGradient(p, p.grad);
    for (const { params, settings } of this.groups) {
      for (const p of params) {
        const memory = this.#memory.get(p);
        if (!p.grad || !memory) continue;
        this.update(p, p.grad.contiguous(), memory.tensors, settings, ++memory.steps);
        p.storage.version++;
      }
    }
  }

  /** Forgets all gradients. */
  zeroGrad(): void {
    for (const p of this.#memory.keys()) p.zeroGrad();
  }

  /** Live views of the state, not copies: save them, or clone them, before the next step. */
  stateDict(): OptimizerState<Settings> {
    const memories = [...this.#memory.values()];
    const tensors = memories.flatMap((memory, i) =>
      Object.entries(memory.tensors).map(([name, tensor]) => [`${i}.${name}`, tensor.detach()]),
    );
    const groups = this.groups.map(({ settings }) => ({ ...settings }));
    return { groups, steps: memories.map(({ steps }) => steps), tensors: Object.fromEntries(tensors) };
  }

  /** Continues where `stateDict` was taken. Everything is checked first: a state that does not fit changes nothing. */
  loadStateDict(state: OptimizerState<Settings>): void {
    this.checkState(state);
    for (const [name, tensor] of Object.entries(this.stateDict().tensors)) tensor.assign(state.tensors[name]);
    for (const [i, group] of this.groups.entries()) Object.assign(group.settings, state.groups[i]);
    for (const [i, memory] of [...this.#memory.values()].entries()) memory.steps = state.steps[i];
  }

  /** Throws  RangeError or ShapeError for a state that `loadStateDict` would refuse */
  checkState(state: OptimizerState<Settings>): void {
    const own = this.stateDict();
    const call = `${this.constructor.name}.loadStateDict`;
    const { groups, steps, tensors } = state ?? {};
    if (!Array.isArray(groups) || !Array.isArray(steps) || typeof tensors !== "object" || tensors === null)
      throw new TypeError(`${call}: not { groups, steps, tensors } — expected what stateDict() gave`);
    const [have, given] = [own, { groups, steps }].map(
      (s) => `${s.steps.length} parameter(s) in ${s.groups.length} group(s)`,
    );
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
      this.check({ ...groups[i], lr: groups[i].lr === 0 ? settings.lr : groups[i].lr }); // a schedule may have been at 0
    }
    const odd = steps.findIndex((n) => !(Number.isInteger(n) && n >= 0));
    if (odd >= 0)
      throw new RangeError(`${call}: parameter ${odd} moved ${steps[odd]} times — a count is an integer ≥ 0`);
    for (const name of new Set([...Object.keys(own.tensors), ...Object.keys(tensors)])) {
      const [mine, other] = [own.tensors[name], tensors[name]];
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

  #remember(p: Tensor, names: readonly string[]): Memory {
    if (!p.isFloat) {
      throw this.complaint(
        `a parameter of dtype ${p.dtype} and shape ${show(p.shape)} — steps are fractions; it must be float32 or float64`,
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
    const tensors = names.map((name): [string, Tensor] => {
      const tensor = zerosLike(p);
      own(tensor.storage, p.storage.owner ?? null);
      return [name, tensor];
    });
    return { steps: 0, tensors: Object.fromEntries(tensors) };
  }
}

function grouped<Settings extends object>(
  call: string,
  params: Parameters<Settings>,
  defaults: Settings,
): ParameterGroup<Settings>[] {
  const remedy = "pass model.parameters(), or groups { params, … }";
  if (!Array.isArray(params)) throw new TypeError(`${call}: parameters are no list — ${remedy}`);
  const tensors = params.filter(isTensor);
  if (tensors.length === params.length) return [{ params: tensors, settings: { ...defaults } }];
  if (tensors.length > 0)
    throw new TypeError(
      `${call}: parameters mixed with groups — pass either tensors or groups { params, … }`,
    );
  return params.map((group, i) => {
    if (!Array.isArray(group?.params) || !group.params.every(isTensor))
      throw new TypeError(`${call}: group ${i} has no list of tensors as params — ${remedy}`);
    const { params, ...overrides } = group;
    const unknown = Object.keys(overrides).filter((key) => !Object.hasOwn(defaults, key));
    if (unknown.length > 0) {
      const known = Object.keys(defaults).join(", ");
      throw new RangeError(`${call}: group ${i} sets ${unknown.join(", ")} — settings are ${known}`);
    }
    return { params, settings: { ...defaults, ...overrides } };
  });
}

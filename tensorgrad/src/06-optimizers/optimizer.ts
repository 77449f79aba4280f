import { own, ShapeError, show } from "../00-runtime/index.ts";
import { sameShape, type Tensor, zerosLike } from "../01-tensor/index.ts";

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
  readonly steps: number;
  readonly groups: readonly Settings[];
  /** By "<position of the parameter>.<name>", such as `0.velocity`. */
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
  /** Steps taken. */
  steps = 0;
  protected readonly state = new Map<Tensor, Readonly<Record<string, Tensor>>>();

  constructor(params: Parameters<Settings>, settings: Settings) {
    this.groups = grouped(params, settings);
    for (const { settings } of this.groups) checkSettings(this.constructor.name, settings);
    if (this.#params().length === 0)
      throw new RangeError(`${this.constructor.name}: no parameters — pass model.parameters()`);
    for (const { params, settings } of this.groups) {
      for (const p of params) this.state.set(p, this.#remember(p, this.remembers(settings)));
    }
  }

  /** Names of the tensors kept for each parameter. */
  protected abstract remembers(settings: Settings): readonly string[];

  /** Moves one parameter; `step` counts from 1. */
  protected abstract update(
    p: Tensor,
    g: Tensor,
    state: Readonly<Record<string, Tensor>>,
    settings: Settings,
    step: number,
  ): void;

  /** Moves every parameter that has a gradient. */
  step(): void {
    this.steps++;
    for (const { params, settings } of this.groups) {
      for (const p of params) {
        if (p.grad) this.update(p, p.grad.contiguous(), this.state.get(p) ?? {}, settings, this.steps);
      }
    }
  }

  /** Forgets all gradients. */
  zeroGrad(): void {
    for (const p of this.#params()) p.zeroGrad();
  }

  stateDict(): OptimizerState<Settings> {
    const tensors = this.#params().flatMap((p, i) =>
      Object.entries(this.state.get(p) ?? {}).map(([name, tensor]) => [`${i}.${name}`, tensor.detach()]),
    );
    return {
      steps: this.steps,
      groups: this.groups.map(({ settings }) => ({ ...settings })),
      tensors: Object.fromEntries(tensors),
    };
  }

  /** Continues where `stateDict` was taken. Everything is checked first: a state that does not fit changes nothing. */
  loadStateDict({ steps, groups, tensors }: OptimizerState<Settings>): void {
    const own = this.stateDict().tensors;
    const call = `${this.constructor.name}.loadStateDict`;
    if (groups.length !== this.groups.length) {
      throw new RangeError(
        `${call}: ${groups.length} groups for ${this.groups.length} — the state of another optimizer`,
      );
    }
    for (const name of new Set([...Object.keys(own), ...Object.keys(tensors)])) {
      const [have, given] = [own[name], tensors[name]];
      if (have && given && sameShape(have.shape, given.shape)) continue;
      const shown = (t: Tensor | undefined) => (t ? show(t.shape) : "nothing");
      throw new ShapeError(
        `${call}: ${name} is ${shown(given)}, expected ${shown(have)} — the state of another optimizer or model`,
      );
    }
    for (const [name, tensor] of Object.entries(own)) tensor.assign(tensors[name]);
    for (const [i, group] of this.groups.entries()) Object.assign(group.settings, groups[i]);
    this.steps = steps;
  }

  #params(): Tensor[] {
    return this.groups.flatMap(({ params }) => params);
  }

  #remember(p: Tensor, names: readonly string[]): Record<string, Tensor> {
    const tensors = names.map((name): [string, Tensor] => {
      const tensor = zerosLike(p);
      own(tensor.storage, p.storage.owner ?? null);
      return [name, tensor];
    });
    return Object.fromEntries(tensors);
  }
}

function grouped<Settings>(params: Parameters<Settings>, defaults: Settings): ParameterGroup<Settings>[] {
  const isGroup = (
    entry: Tensor | { readonly params: readonly Tensor[] },
  ): entry is Partial<Settings> & { params: Tensor[] } => "params" in entry;
  if (!params.some(isGroup)) return [{ params: params as readonly Tensor[], settings: { ...defaults } }];
  return params
    .filter(isGroup)
    .map(({ params, ...overrides }) => ({ params, settings: { ...defaults, ...overrides } }));
}

function checkSettings(name: string, settings: { readonly lr: number }): void {
  for (const [key, value] of Object.entries(settings)) {
    const values = Array.isArray(value) ? value : [value];
    if (values.every((v) => typeof v !== "number" || (v >= 0 && Number.isFinite(v)))) continue;
    throw new RangeError(`${name}: ${key} = ${values.join(", ")} — must be a finite number ≥ 0`);
  }
  if (settings.lr === 0)
    throw new RangeError(`${name}: lr = 0 — nothing would be learned; a learning rate is positive`);
}

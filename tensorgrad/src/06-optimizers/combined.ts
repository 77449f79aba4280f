import { expectArgument, isList, Printed, show, written } from "../00-runtime/index.ts";
import type { Tensor } from "../01-tensor/index.ts";
import type { Move, Optimizer, OptimizerState, ParameterGroup } from "./optimizer.ts";

type Rate = { lr: number };

/**
 * Several optimizers that work as one, each on its own parameters:
 *
 *   new CombinedOptimizer(new Muon(matrices, { lr: 0.02 }), new AdamW(rest, { lr: 3e-4 }))
 *
 * A schedule gives its rate to the first group of the first one; all others keep theirs in proportion.
 *
 * Throws  RangeError for a parameter that two of them would move, or for none at all
 */
export class CombinedOptimizer extends Printed {
  readonly groups: readonly ParameterGroup<Rate>[];
  readonly #members: readonly Optimizer<Rate>[];

  constructor(...members: readonly { readonly groups: readonly ParameterGroup<Rate>[] }[]) {
    super();
    this.#members = members as readonly Optimizer<Rate>[];
    if (members.length === 0) throw new RangeError("CombinedOptimizer: no optimizers — pass two or more");
    for (const [i, member] of members.entries())
      expectArgument(isList(member?.groups), "CombinedOptimizer", `member ${i}`, member, "an optimizer");
    this.groups = members.flatMap(({ groups }) => groups);
    const seen = new Set<Tensor>();
    for (const p of this.groups.flatMap(({ params }) => params)) {
      if (seen.has(p)) {
        throw new RangeError(
          `CombinedOptimizer: a parameter of shape ${show(p.shape)} belongs to two optimizers — each may be moved once per step`,
        );
      }
      seen.add(p);
    }
  }

  /** One step of every optimizer. */
  step(): void {
    for (const member of this.#members) member.step();
  }

  /** Forgets the gradients of all their parameters. */
  zeroGrad(): void {
    for (const member of this.#members) member.zeroGrad();
  }

  /** Of the optimizer whose group has these settings. */
  moves(settings: Rate, step: Tensor): Move {
    const owner = this.#members.find(({ groups }) => groups.some((group) => group.settings === settings));
    if (!owner)
      throw new RangeError("CombinedOptimizer.moves: settings of no group — pass those of one of its groups");
    return owner.moves(settings, step);
  }

  /** As of one optimizer with all groups: parameters are counted through. */
  stateDict(): OptimizerState<Rate> {
    const states = this.#members.map((member) => member.stateDict());
    let first = 0;
    const tensors = states.flatMap((state) => {
      const named = Object.entries(state.tensors).map(([name, tensor]) => [renumbered(name, first), tensor]);
      first += state.steps.length;
      return named;
    });
    return {
      groups: states.flatMap(({ groups }) => groups),
      steps: states.flatMap(({ steps }) => steps),
      tensors: Object.fromEntries(tensors),
    };
  }

  /** Continues where `stateDict` was taken. Everything is checked first: a state that does not fit changes nothing. */
  loadStateDict(state: OptimizerState<Rate>): void {
    const parts = this.#partsOf(state);
    for (const [i, member] of this.#members.entries()) member.checkState(parts[i]);
    for (const [i, member] of this.#members.entries()) member.loadStateDict(parts[i]);
  }

  /** Which tensors belong to a state with these settings, by name. */
  tensorsFor(groups: readonly Rate[]): Record<string, Tensor> {
    let [group, first] = [0, 0];
    const named = this.#members.flatMap((member) => {
      const own = groups.slice(group, group + member.groups.length);
      const tensors = Object.entries(member.tensorsFor(own)).map(([name, p]) => [renumbered(name, first), p]);
      group += member.groups.length;
      first += member.groups.reduce((sum, { params }) => sum + params.length, 0);
      return tensors;
    });
    return Object.fromEntries(named);
  }

  /** What of a state belongs to which member; what is left over goes to the last, which will refuse it. */
  #partsOf({ groups, steps, tensors }: OptimizerState<Rate>): OptimizerState<Rate>[] {
    let [group, first] = [0, 0];
    return this.#members.map((member, i) => {
      const last = i === this.#members.length - 1;
      const count = member.groups.reduce((sum, { params }) => sum + params.length, 0);
      const [groupEnd, end] = last
        ? [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]
        : [group + member.groups.length, first + count];
      const own = Object.entries(tensors).filter(([name]) => {
        const position = Number.parseInt(name, 10);
        return position >= first && position < end;
      });
      const part = {
        groups: groups.slice(group, groupEnd),
        steps: steps.slice(first, end),
        tensors: Object.fromEntries(own.map(([name, tensor]) => [renumbered(name, -first), tensor])),
      };
      [group, first] = [group + member.groups.length, first + count];
      return part;
    });
  }

  protected override describe(): string {
    return this.#members.map(written).join(", ");
  }
}

/** "3.velocity" → "5.velocity" for an offset of 2 */
const renumbered = (name: string, offset: number): string => {
  const dot = name.indexOf(".");
  return `${Number.parseInt(name, 10) + offset}${name.slice(dot)}`;
};

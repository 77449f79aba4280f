import { defaultRandom, FormatError, type Random, ShapeError, show } from "../../00-runtime/index.ts";
import { sameShape, type Tensor } from "../../01-tensor/index.ts";
import type { StatefulOptimizer, Training } from "../training.ts";
import type { CheckpointState } from "./checkpoint-state.ts";

/** By name, as a checkpoint or a part of the training has them. */
type Tensors = Readonly<Record<string, Tensor>>;

/**
 * Gives every part of a training its state. All that can be compared is compared first; parts that check their state
 * themselves are put back if a later one refuses.
 */
export function restore(call: string, state: CheckpointState, tensors: Tensors, training: Training): void {
  const { model, optimizer } = training;
  const weights = part(tensors, "model");
  checkFit(
    `${call}: ${naming(state.model, model)}`,
    model.stateDict(),
    weights,
    "those of the model that was saved",
  );
  checkSaved(call, state, training);
  if (optimizer) checkOptimizer(call, state, part(tensors, "optimizer"), optimizer);

  // From here on things change, so every refusal takes back what came before it. Small states first: the tensors,
  // which nobody could put back without a copy, come last and have been compared above.
  const undo: (() => void)[] = [];
  try {
    for (const [stateful, saved] of statefuls(training, state)) {
      const before = stateful.stateDict();
      undo.unshift(() => stateful.loadStateDict(before as never));
      stateful.loadStateDict(saved as never);
    }
    const kept = training.trainer?.tensors() ?? {}; // only a callback that has its state knows which tensors it holds
    if (training.trainer) {
      const whose = "the trainer's callbacks";
      checkFit(`${call}: ${whose}`, kept, part(tensors, "trainer"), `those of ${whose} that were saved`);
    }
    optimizer?.loadStateDict({ ...state.optimizer, tensors: part(tensors, "optimizer") } as never);
    assign(kept, part(tensors, "trainer"));
  } catch (error) {
    for (const back of undo) back();
    throw error;
  }
  model.loadStateDict(weights);
  for (const [name, random] of generators(training)) random.state = state.random[name];
}

/** What all parts of a training have in common. */
interface Stateful {
  stateDict(): unknown;
  loadStateDict(state: never): void;
}

/** Parts that look at a state themselves before they take it, each with its own. */
function statefuls({ trainer, loader, schedule }: Training, state: CheckpointState): [Stateful, unknown][] {
  const all: [Partial<Stateful> | undefined, unknown][] = [
    [loader, state.loader],
    [trainer, state.trainer],
    [schedule, state.schedule],
  ];
  return all.filter((pair): pair is [Stateful, unknown] => pair[0]?.loadStateDict !== undefined);
}

/** Everything that is to be restored must have been saved. */
function checkSaved(call: string, state: CheckpointState, training: Training): void {
  const { optimizer, trainer, loader, schedule } = training;
  const wanted = { optimizer, trainer, loader, schedule: schedule?.loadStateDict && schedule };
  for (const [name, given] of Object.entries(wanted)) {
    if (!given || state[name as keyof typeof wanted] !== null) continue;
    throw new FormatError(
      `${call}: no state of the ${name} — it was saved without; leave out { ${name} }, or save it as well`,
    );
  }
  const lacking = generators(training).filter(([name]) => !(name in state.random));
  if (lacking.length) {
    const [have, given] = [Object.keys(state.random), generators(training).map(([name]) => name)];
    throw new FormatError(
      `${call}: states of the generators ${have.join(", ") || "(none)"}, given ${given.join(", ")} — pass the same { random, loader } as to saveCheckpoint`,
    );
  }
}

/** Another kind of optimizer may have tensors of the same names and shapes, so its name and settings count as well. */
function checkOptimizer(
  call: string,
  { optimizer: saved, model }: CheckpointState,
  tensors: Tensors,
  optimizer: StatefulOptimizer,
): void {
  const own = optimizer.stateDict();
  const { name } = optimizer.constructor;
  const count = ({ groups, steps }: { groups: readonly unknown[]; steps: readonly unknown[] }) =>
    `${steps.length} parameter(s) in ${groups.length} group(s)`;
  if (!saved) return;
  if (saved.name !== name || count(saved) !== count(own)) {
    throw new RangeError(
      `${call}: the state of ${saved.name} with ${count(saved)} for ${name} with ${count(own)} — ` +
        `make the same optimizer for the same ${model}`,
    );
  }
  if (kinds(saved.groups) !== kinds(own.groups)) {
    throw new RangeError(
      `${call}: the settings ${kinds(saved.groups)} for those of ${name}, ${kinds(own.groups)} — names and types must be equal`,
    );
  }
  // Settings may have been changed after the optimizer was made: what it remembers follows from those that were saved.
  const expected = optimizer.tensorsFor?.(saved.groups as never) ?? own.tensors;
  checkFit(`${call}: the optimizer`, expected, tensors, `those of the ${name} that was saved`);
}

/** `lr number, betas 2`: names and types of settings, group by group; of lists the length. */
const kinds = (groups: readonly object[]): string =>
  groups
    .map((group) =>
      Object.entries(group)
        .map(([key, value]) => `${key} ${Array.isArray(value) ? value.length : typeof value}`)
        .sort()
        .join(", "),
    )
    .join("; ");

/** The class of a model is no rule, names and shapes are; but it tells at once when somebody took the wrong file. */
const naming = (saved: string, model: object): string => {
  const own = model.constructor.name;
  return saved === own ? `this ${own} is another one` : `a checkpoint of ${saved} for ${own}`;
};

/** Names, shapes and dtypes must be the same; the error lists all that are not. */
function checkFit(what: string, own: Tensors, given: Tensors, rule: string): void {
  const both = Object.keys(own).filter((name) => name in given);
  const differing = (same: (a: Tensor, b: Tensor) => boolean, text: (t: Tensor) => string): string[] =>
    both.flatMap((name) =>
      same(given[name], own[name]) ? [] : [`${name} (${text(given[name])} for ${text(own[name])})`],
    );
  const faults = {
    missing: Object.keys(own).filter((name) => !(name in given)),
    unexpected: Object.keys(given).filter((name) => !(name in own)),
    "of another shape": differing(
      (a, b) => sameShape(a.shape, b.shape),
      ({ shape }) => show(shape),
    ),
    "of another dtype": differing(
      (a, b) => a.dtype === b.dtype,
      ({ dtype }) => dtype,
    ),
  };
  const list = Object.entries(faults).flatMap(([fault, names]) =>
    names.length ? [`${fault}: ${some(names)}`] : [],
  );
  if (list.length)
    throw new ShapeError(`${what}: ${list.join("; ")} — names, shapes and dtypes must be ${rule}`);
}

/** Large models have hundreds of names. */
const some = (names: readonly string[], most = 12): string =>
  names.length <= most
    ? names.join(", ")
    : `${names.slice(0, most).join(", ")} and ${names.length - most} more`;

/** Every generator of a training once, by the name it has in a checkpoint. */
export function generators({ random = defaultRandom, loader }: Training): [name: string, random: Random][] {
  const given = [random].flat();
  const named = given.map((one, i): [string, Random] => [String(i), one]);
  const own = loader?.random;
  return own && !given.includes(own) ? [...named, ["loader", own]] : named;
}

export const prefixed = (prefix: string, tensors: Tensors): Record<string, Tensor> =>
  Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [`${prefix}.${name}`, tensor]));

/** The tensors below a prefix, without it. */
export const part = (tensors: Tensors, prefix: string): Record<string, Tensor> =>
  Object.fromEntries(
    Object.entries(tensors).flatMap(([name, tensor]) =>
      name.startsWith(`${prefix}.`) ? [[name.slice(prefix.length + 1), tensor]] : [],
    ),
  );

/** Into the memory that others hold on to. */
function assign(own: Tensors, values: Tensors): void {
  for (const [name, tensor] of Object.entries(own)) tensor.assign(values[name]);
}

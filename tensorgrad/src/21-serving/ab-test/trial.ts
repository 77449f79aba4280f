import { can, checked, expectArgument } from "../../00-runtime/index.ts";
import type { ModelSlot, ResponseEvent, RouteEvent, Server, ServingHooks } from "../types.ts";
import type { ABTest, Decision, Outcome } from "./ab-test.ts";

/** Which versions are compared, who is a unit, and what counts as success. */
export interface TrialOptions {
  readonly model: string;
  /** The version that is tried; it stands in the model's slot, beside the current one. */
  readonly candidate: string;
  /** Who asks: the header `x-unit-id` by default; requests without one are units of their own. */
  readonly unit?: (event: RouteEvent) => string;
  /** What a response says about success; undefined where that is known later: then call `test.record(unit, …)`. */
  readonly outcome?: (event: ResponseEvent) => Outcome | undefined;
  /** Called when the loser is out of use: promote the winner in the registry here. */
  readonly onEnd?: (decision: Decision) => void;
  readonly onError?: (error: Error) => void;
}

/**
 * Runs an A/B test on a server: sends each unit to its arm, counts outcomes, and ends the test by itself. A candidate that is worse
 * is rolled back: from the deciding outcome on, every request goes to the version that was current. One that is better is promoted.
 * Requests that are under way are answered in either case.
 *
 *   slot.add(candidate);
 *   const end = trial(server, new ABTest({ name: "digits-2", share: 0.05 }), { model: "digits", candidate: "2", outcome });
 *
 * The function given back ends the trial without a decision.
 *
 * Throws    RangeError for a model or version that is not served
 */
export function trial(
  server: Pick<Server, "models" | "use">,
  test: ABTest,
  options: TrialOptions,
): () => void {
  const {
    model,
    candidate,
    unit = unitOf,
    outcome = () => undefined,
    onEnd = () => {},
    onError = () => {},
  } = checked("trial", options, ["model", "candidate", "unit", "outcome", "onEnd", "onError"]);
  expectArgument(can(server, "use"), "trial", "server", server, "what serve(…) gives");
  expectArgument(can(test, "record"), "trial", "test", test, "an ABTest");
  const slot = server.models.get(model);
  if (!slot?.versions.some(({ version }) => version === candidate)) {
    throw new RangeError(
      `trial: ${model} ${candidate} is not served — ${slot ? `there are versions ${slot.versions.map(({ version }) => version).join(", ")}; add it to the slot` : `there are ${[...server.models.keys()].join(", ")}`}`,
    );
  }
  const control = slot.current.version;
  let stop = (): void => {};
  let ended = false;
  const settle = (): void => {
    const { decision } = test;
    if (ended || !decision) return;
    ended = true;
    stop();
    conclude(slot, decision, { control, candidate }).then(() => onEnd(decision), onError);
  };
  const hooks: ServingHooks = {
    route(event) {
      if (event.model !== model) return undefined;
      settle(); // outcomes may have been recorded elsewhere
      return !ended && test.assign(unit(event)) === "candidate" ? candidate : undefined;
    },
    onResponse(event) {
      if (ended || event.model !== model || ![control, candidate].includes(event.version)) return;
      const found = outcome(event);
      if (found !== undefined)
        test.record(unit(event), found, event.version === candidate ? "candidate" : "control");
      settle();
    },
  };
  stop = server.use(hooks);
  return stop;
}

async function conclude(
  slot: ModelSlot,
  { verdict }: Decision,
  { control, candidate }: { readonly control: string; readonly candidate: string },
): Promise<void> {
  if (verdict !== "better") return slot.retire(candidate);
  slot.promote(candidate);
  await slot.retire(control);
}

function unitOf({ headers, id }: RouteEvent): string {
  const given = headers["x-unit-id"];
  return typeof given === "string" && given !== "" ? given : id;
}

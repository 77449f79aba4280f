import { checked, INSPECT, listed } from "../../00-runtime/index.ts";
import { type Arm, armAt, positionOf } from "./assign.ts";
import { Evidence, type EvidenceState } from "./evidence.ts";
import { differenceInterval, type Moments } from "./interval.ts";

export interface ABTestOptions {
  /** Of this experiment: another name divides the same units anew. */
  readonly name: string;
  /** Of units that try the candidate, above 0 and below 1. */
  readonly share?: number;
  /** The difference of means that matters: 0.02 for two points. */
  readonly effect?: number;
  /** The chance that a candidate which is no better and no worse ends the test, whenever one looks. */
  readonly alpha?: number;
  /** After so many outcomes without a decision the control stays. */
  readonly maxExposures?: number;
  /** Further outcomes by name, such as "ok": the candidate is rolled back when one of them is worse. */
  readonly guards?: readonly string[];
  /** Called once. */
  readonly onDecision?: (decision: Decision) => void;
}

export type Verdict = "better" | "worse" | "no difference";

export interface Decision {
  readonly verdict: Verdict;
  /** "2.1 points more, between 0.4 and 3.8", or the guard that was worse. */
  readonly reason: string;
  readonly exposures: number;
}

/** What came of one exposure: 1 for a success, 0 for none, or between; with guards, one number for each by name. */
export type Outcome = number | Readonly<Record<string, number>>;

export interface ArmState {
  readonly exposures: number;
  /** Null before the first outcome. */
  readonly mean: number | null;
}

export interface ABState {
  readonly name: string;
  readonly share: number;
  readonly decision: Decision | null;
  readonly control: ArmState;
  readonly candidate: ArmState;
  /** Candidate minus control, with limits that hold at any time; null before there are outcomes. */
  readonly difference: { readonly estimate: number; readonly low: number; readonly high: number } | null;
  /** Holds at any time. */
  readonly p: number;
  /** How much the outcomes speak for better and for worse, and of the guards for worse; `needed` decides. */
  readonly evidence: Readonly<Record<string, { readonly value: number; readonly needed: number }>>;
  /** Outcomes of units that had one already: not counted. */
  readonly repeated: number;
}

/** What `toJSON` gives and `restore` takes. */
export interface ABTestState {
  readonly name: string;
  readonly share: number;
  readonly decision: Decision | null;
  readonly moments: Readonly<Record<Arm, Moments>>;
  readonly evidence: Readonly<Record<string, EvidenceState>>;
  readonly seen: readonly number[];
  readonly repeated: number;
}

const AB_TEST_OPTIONS = [
  ...(["name", "share", "effect", "alpha"] as const),
  ...(["maxExposures", "guards", "onDecision"] as const),
];

/**
 * Tries a candidate on a share of all units, and decides as soon as the outcomes allow it.
 *
 *   const test = new ABTest({ name: "digits-2", share: 0.1, effect: 0.02 });
 *   const arm = test.assign(userId);                          // always the same for this user
 *   test.record(userId, 1);                                   // it went well
 *   test.decision                                             // null, or { verdict: "worse", … }
 *
 * It may be looked at after every outcome: the chance that it ever decides between equals is at most `alpha`, see `Evidence`.
 * The level is divided evenly between better, worse and every guard. Each unit counts once, with its first outcome, as further
 * ones of the same unit would not be independent. After the decision every unit gets the arm that won: a candidate that is
 * worse is out of use with the outcome that shows it.
 *
 * Throws    RangeError for options outside of their bounds, and outcomes that are no numbers from 0 to 1
 */
export class ABTest {
  readonly name: string;
  readonly #options: Required<Omit<ABTestOptions, "onDecision" | "share" | "name">>;
  readonly #onDecision: (decision: Decision) => void;
  readonly #evidence: ReadonlyMap<string, Evidence>;
  readonly #needed: number;
  readonly #moments: Record<Arm, { count: number; sum: number; squares: number }> = {
    control: { count: 0, sum: 0, squares: 0 },
    candidate: { count: 0, sum: 0, squares: 0 },
  };
  #share: number;
  #seen = new Set<number>();
  #repeated = 0;
  #decision: Decision | null = null;

  [INSPECT](): string {
    return `ABTest(${listed({ name: this.name, share: this.#share, ...this.#options, decision: this.#decision })})`;
  }

  constructor(options: ABTestOptions) {
    const {
      name,
      share = 0.5,
      effect = 0.02,
      alpha = 0.05,
      maxExposures = 100_000,
      guards = [],
      onDecision = () => {},
    } = checked("ABTest", options, AB_TEST_OPTIONS);
    checkOptions({ name, share, effect, alpha, maxExposures, guards });
    this.name = name;
    this.#options = { effect, alpha, maxExposures, guards };
    this.#share = share;
    this.#onDecision = onDecision;
    this.#evidence = new Map([
      ["better", new Evidence(effect, 1)],
      ["worse", new Evidence(effect, -1)],
      ...guards.map((guard) => [guard, new Evidence(effect, -1)] as const),
    ]);
    this.#needed = this.#evidence.size / alpha;
  }

  /** What the test came to; null while it runs. */
  get decision(): Decision | null {
    return this.#decision;
  }

  /** The part of requests that goes to the candidate. */
  get share(): number {
    return this.#share;
  }

  /** More of the units, or fewer: a canary grows. Units that are in stay in when the share grows. */
  set share(share: number) {
    checkShare(share);
    this.#share = share;
  }

  /** Who answers this unit: the same at every call, until the share changes or the test is decided. */
  assign(unit: string): Arm {
    if (this.#decision) return this.#decision.verdict === "better" ? "candidate" : "control";
    return armAt(positionOf(this.name, unit), this.#share);
  }

  /** Counts the outcome of a unit, once; `arm` where it was answered by another than `assign` says now. */
  record(unit: string, outcome: Outcome, arm?: Arm): Decision | null {
    const values = this.#values(outcome);
    if (this.#decision) return this.#decision;
    const position = positionOf(this.name, unit);
    if (this.#seen.has(position)) this.#repeated++;
    else this.#count(position, values, arm ?? armAt(position, this.#share));
    return this.#decision;
  }

  #count(position: number, values: readonly number[], arm: Arm): void {
    this.#seen.add(position);
    const moments = this.#moments[arm];
    const [success, ...guards] = values;
    moments.count++;
    moments.sum += success;
    moments.squares += success ** 2;
    for (const [i, evidence] of [...this.#evidence.values()].entries())
      evidence.add(i < 2 ? success : guards[i - 2], arm === "candidate", this.#share);
    this.#decide();
  }

  /** Success first, then the guards in their order. */
  #values(outcome: Outcome): number[] {
    const { guards } = this.#options;
    const given = typeof outcome === "number" ? { success: outcome } : outcome;
    return ["success", ...guards].map((name) => {
      const value = given[name];
      if (value >= 0 && value <= 1) return value;
      throw new RangeError(
        `ABTest ${this.name}: the outcome's ${name} is ${value} — a number from 0 to 1${guards.length ? `; with guards pass { ${["success", ...guards].join(", ")} }` : ""}`,
      );
    });
  }

  #decide(): void {
    const { maxExposures } = this.#options;
    const found = [...this.#evidence].find(([, { value }]) => value >= this.#needed)?.[0];
    const exposures = this.#seen.size;
    if (found !== undefined) {
      const verdict = found === "better" ? "better" : "worse";
      const reason = found === "better" || found === "worse" ? this.#words() : `${found} is worse`;
      this.#end({ verdict, reason, exposures });
    } else if (exposures >= maxExposures) {
      this.#end({ verdict: "no difference", reason: `undecided after ${exposures} outcomes`, exposures });
    }
  }

  #end(decision: Decision): void {
    this.#decision = decision;
    this.#onDecision(decision);
  }

  #words(): string {
    const { estimate, low, high } = this.state().difference ?? { estimate: 0, low: -1, high: 1 };
    const points = (value: number) => (100 * value).toFixed(1);
    return `${points(Math.abs(estimate))} points ${estimate < 0 ? "less" : "more"} (${points(low)} to ${points(high)})`;
  }

  /** Everything that a page shows. */
  state(): ABState {
    const { alpha, effect } = this.#options;
    const { control, candidate } = this.#moments;
    const shown = ({ count, sum }: Moments) => ({ exposures: count, mean: count ? sum / count : null });
    const evidence = [...this.#evidence].map(([name, { value }]) => [name, { value, needed: this.#needed }]);
    const most = Math.max(...["better", "worse"].map((name) => this.#evidence.get(name)?.highest ?? 1));
    return {
      name: this.name,
      share: this.#share,
      decision: this.#decision,
      control: shown(control),
      candidate: shown(candidate),
      // An effect that is as large as matters is found about when its standard error is a third of it.
      difference: differenceInterval(control, candidate, { alpha, narrowest: (effect / 3) ** 2 }),
      p: Math.min(1, 2 / most),
      evidence: Object.fromEntries(evidence),
      repeated: this.#repeated,
    };
  }

  /** All that a process must know to go on with the test. */
  toJSON(): ABTestState {
    return {
      name: this.name,
      share: this.#share,
      decision: this.#decision,
      moments: structuredClone(this.#moments),
      evidence: Object.fromEntries([...this.#evidence].map(([name, one]) => [name, one.toJSON()])),
      seen: [...this.#seen],
      repeated: this.#repeated,
    };
  }

  /**
   * Goes on where another process called `toJSON`.
   *
   * Throws    RangeError for the state of another test
   */
  restore(state: ABTestState): this {
    const [mine, its] = [[...this.#evidence.keys()].join(), Object.keys(state.evidence).join()];
    if (state.name !== this.name || mine !== its) {
      throw new RangeError(
        `ABTest ${this.name}: the state of ${state.name} with ${its} — this test has ${mine}; make it with the same name and guards`,
      );
    }
    [this.#share, this.#decision, this.#repeated] = [state.share, state.decision, state.repeated];
    Object.assign(this.#moments, structuredClone(state.moments));
    for (const [name, one] of this.#evidence) one.restore(state.evidence[name]);
    this.#seen = new Set(state.seen);
    return this;
  }
}

function checkOptions({
  name,
  share,
  effect,
  alpha,
  maxExposures,
  guards,
}: Required<Omit<ABTestOptions, "onDecision">>): void {
  checkShare(share);
  const reject = (what: string, rule: string): never => {
    throw new RangeError(`ABTest: ${what} — ${rule}`);
  };
  if (!name) reject('name ""', "a name: it decides who is in which arm");
  if (!(effect > 0 && effect < 1)) reject(`effect ${effect}`, "between 0 and 1; 0.02 for two points");
  if (!(alpha > 0 && alpha < 1)) reject(`alpha ${alpha}`, "between 0 and 1");
  if (!Number.isInteger(maxExposures) || maxExposures < 1)
    reject(`maxExposures ${maxExposures}`, "an integer ≥ 1");
  const taken = guards.find(
    (guard, i) => ["success", "better", "worse"].includes(guard) || guards.indexOf(guard) < i,
  );
  if (taken !== undefined) reject(`guard ${taken}`, "a name of its own; success, better and worse are taken");
}

function checkShare(share: number): void {
  if (share > 0 && share < 1) return;
  throw new RangeError(`ABTest: share ${share} — between 0 and 1, both excluded: both arms need units`);
}

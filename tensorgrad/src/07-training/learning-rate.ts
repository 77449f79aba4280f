import type { Schedule } from "../06-optimizers/index.ts";
import { checkMonitor, monitored } from "./callbacks/monitor.ts";
import type { Steps } from "./options.ts";
import type { EpochResult } from "./progress.ts";

/**
 * Gives a schedule's learning rate to an optimizer. Groups of parameters keep theirs in proportion to the first; a rate
 * that is changed by hand between steps is a new proportion.
 */
export class LearningRate {
  #shares: readonly number[];
  /** The rates that were given last. */
  #given: readonly number[] = [];
  readonly #groups: Steps["groups"];
  readonly #schedule: Schedule | undefined;

  constructor({ groups }: Steps, schedule: Schedule | undefined) {
    [this.#groups, this.#schedule] = [groups, schedule];
    const shares = groups.map(({ settings }) => settings.lr / groups[0].settings.lr);
    // A schedule that was followed before may have left all rates at 0.
    this.#shares = shares.map((share) => (Number.isFinite(share) ? share : 1));
  }

  /** The rate of each group, as a multiple of the first one's. */
  get shares(): readonly number[] {
    const [first] = this.#given;
    // Not if the first one's was changed, too: another state of the optimizer was loaded, and the schedule overrides it.
    if (first === undefined || first === 0 || this.value !== first) return this.#shares;
    const changed = ({ settings: { lr } }: Steps["groups"][number], i: number): boolean =>
      lr !== this.#given[i];
    this.#shares = this.#groups.map((group, i) =>
      changed(group, i) ? group.settings.lr / first : this.#shares[i],
    );
    this.#given = this.#groups.map(({ settings }) => settings.lr);
    return this.#shares;
  }

  set shares(shares: readonly number[]) {
    [this.#shares, this.#given] = [shares, []];
  }

  /** The rate of the first group. */
  get value(): number {
    return this.#groups[0]?.settings.lr ?? Number.NaN;
  }

  /** Before step number `step`, counted from 0. */
  set(step: number): void {
    if (!this.#schedule) return;
    const lr = this.#schedule.getLr(step);
    if (!(lr >= 0 && Number.isFinite(lr))) {
      throw new RangeError(
        `trainEpoch: the schedule gives lr ${lr} for step ${step} — it must be finite and ≥ 0`,
      );
    }
    const { shares } = this;
    for (const [i, { settings }] of this.#groups.entries()) settings.lr = lr * shares[i];
    this.#given = this.#groups.map(({ settings }) => settings.lr);
  }

  /** Before a training: whether it will have what the schedule wants to know. */
  check(metrics: object, validation: boolean): void {
    const { monitor } = this.#schedule ?? {};
    if (monitor !== undefined) checkMonitor("schedule", monitor, { metrics }, { validation });
  }

  /** After every epoch, for schedules that look at results. */
  observe(result: EpochResult): void {
    const { monitor } = this.#schedule ?? {};
    if (monitor !== undefined) this.#schedule?.observe?.(monitored("schedule", monitor, result));
  }
}

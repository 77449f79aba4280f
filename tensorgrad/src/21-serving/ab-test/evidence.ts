import { INSPECT, listed } from "../../00-runtime/index.ts";

/** Effects that are betted on, as multiples of the one that matters, and how the stake is divided among them. */
const MULTIPLES: readonly (readonly [multiple: number, stake: number])[] = [
  [0.5, 0.1],
  [0.75, 0.2],
  [1, 0.3],
  [1.5, 0.2],
  [2.5, 0.1],
  [5, 0.1],
];

/**
 * Evidence that the candidate's mean is above the control's (`sign` 1) or below it (−1), from outcomes in [0, 1] that come one
 * by one. It may be looked at after every one of them.
 *
 * Each effect δ bets: with the candidate's share w, the mean so far p̂ and κ = δ / p̂(1 − p̂), an outcome y multiplies its stake by
 *
 *   1 + (1 − w)·κ·(y − p̂)  from the candidate,   1 − w·κ·(y − p̂)  from the control.
 *
 * Where both arms have the mean θ, the expected factor is 1 + κ(θ − p̂)·[w(1 − w) − (1 − w)w] = 1, whatever θ is: the game is
 * fair, and the money E = Σ stakes is a martingale that begins at 1. By Ville's inequality it ever reaches 1/α with a chance
 * of at most α: not at the end, but at any time. That is exact for every number of outcomes, and for every rule of stopping.
 * With outcomes 0 and 1, the factor is the likelihood ratio of the two means p̂ + (1 − w)δ and p̂ − wδ to p̂.
 *
 * Source    Ville 1939; Robbins 1970 (mixtures); Turner, Ly & Grünwald 2024, Generic E-variables for exact sequential k-sample
 *           tests; Ramdas et al. 2023, Game-theoretic statistics and safe anytime-valid inference
 */
export class Evidence {
  readonly #sign: 1 | -1;
  readonly #effects: readonly number[];
  /** What each bet has made of its stake. */
  #stakes: Float64Array;
  #sum = 0;
  #count = 0;
  #highest = 1;

  /** `effect` is the difference of means that matters: 0.02 for two points. */
  constructor(effect: number, sign: 1 | -1) {
    this.#sign = sign;
    this.#effects = MULTIPLES.map(([multiple]) => multiple * effect);
    this.#stakes = Float64Array.from(MULTIPLES, ([, stake]) => stake);
  }

  [INSPECT](): string {
    return `Evidence(${listed({ value: this.value, highest: this.highest, outcomes: this.#count })})`;
  }

  /** How many times over the first stake has come back. */
  get value(): number {
    return this.#stakes.reduce((sum, stake) => sum + stake, 0);
  }

  /** The most that it ever was: 1 over it is a p value that holds at any time. */
  get highest(): number {
    return this.#highest;
  }

  /** `share` is the chance that this outcome's unit was given the candidate. */
  add(outcome: number, fromCandidate: boolean, share: number): void {
    const mean = (this.#sum + 1) / (this.#count + 2); // known before the outcome is
    const surprise = outcome - mean;
    const spread = mean * (1 - mean);
    // No bet may lose more than there is: at most 0.9 of it, whatever the outcome.
    const most = 0.9 / (Math.max(share, 1 - share) * Math.max(mean, 1 - mean));
    const side = this.#sign * (fromCandidate ? 1 - share : -share) * surprise;
    const stakes = this.#stakes;
    for (let i = 0; i < stakes.length; i++) stakes[i] *= 1 + side * Math.min(this.#effects[i] / spread, most);
    this.#sum += outcome;
    this.#count++;
    this.#highest = Math.max(this.#highest, this.value);
  }

  /** The counts, to go on from later. */
  toJSON(): EvidenceState {
    return { stakes: [...this.#stakes], sum: this.#sum, count: this.#count, highest: this.#highest };
  }

  /** Goes on where `toJSON` was called. */
  restore({ stakes, sum, count, highest }: EvidenceState): this {
    this.#stakes = Float64Array.from(stakes);
    [this.#sum, this.#count, this.#highest] = [sum, count, highest];
    return this;
  }
}

/** `Evidence` as plain data. */
export interface EvidenceState {
  readonly stakes: readonly number[];
  readonly sum: number;
  readonly count: number;
  readonly highest: number;
}

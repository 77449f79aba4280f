/** What can be raced on and how: names alone. */

export const SURFACES = {
  valley: "valley, 20 times steeper across",
  banana: "Rosenbrock’s banana",
  saddle: "saddle",
  bowls: "two bowls",
} as const;
export type Surface = keyof typeof SURFACES;

/** The part of the plane that is drawn, and where all begin. */
export const VIEWS: Readonly<
  Record<
    Surface,
    {
      readonly x: readonly [number, number];
      readonly y: readonly [number, number];
      readonly start: readonly [number, number];
    }
  >
> = {
  valley: { x: [-10, 4], y: [-3.2, 3.2], start: [-9, 2] },
  banana: { x: [-2, 2], y: [-1, 3], start: [-1.4, 2] },
  saddle: { x: [-3, 3], y: [-2, 2], start: [-2.4, 0.02] },
  bowls: { x: [-3.2, 3.2], y: [-2.2, 2.2], start: [-0.35, 1.9] },
};

export const RACERS = { sgd: "SGD", momentum: "momentum", rmsprop: "RMSprop", adam: "Adam" } as const;
export type Racer = keyof typeof RACERS;

export const SCHEDULES = {
  constant: "constant",
  cosine: "cosine to 0",
  step: "÷ 3 after a third, twice",
  warmup: "warm-up, then cosine",
} as const;
export type ScheduleName = keyof typeof SCHEDULES;

export interface Race {
  readonly surface: Surface;
  /** A multiple of each racer's own rate. */
  readonly rate: number;
  readonly schedule: ScheduleName;
  /** The largest norm of a gradient; null does not clip. */
  readonly clip: number | null;
}

export const STEPS = 200;

/** Where a racer was: as many points as steps, and one. One that left for infinity ends there. */
export interface Track {
  readonly racer: Racer;
  readonly points: readonly (readonly [number, number])[];
  readonly losses: readonly number[];
  readonly rates: readonly number[];
}

export type RaceWork = {
  readonly race: { readonly input: Race; readonly output: readonly Track[]; readonly progress: never };
  /** Heights on `n × n` places of the view, row by row from the top left. */
  readonly heights: {
    readonly input: { readonly surface: Surface; readonly n: number };
    readonly output: Float32Array;
    readonly progress: never;
  };
};

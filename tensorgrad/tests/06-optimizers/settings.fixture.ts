import fc from "fast-check";
import { Random } from "../../src/00-runtime/index.ts";
import { randn, type Tensor } from "../../src/01-tensor/index.ts";
import {
  Adadelta,
  Adagrad,
  Adam,
  Adamax,
  AdamW,
  Muon,
  NAdam,
  type Optimizer,
  RAdam,
  RMSprop,
  SGD,
} from "../../src/06-optimizers/index.ts";

type Any = Optimizer<{ lr: number }>;
type Settings = { readonly lr: number } & Readonly<Record<string, unknown>>;
type Make = (params: readonly Tensor[], settings?: object) => Any;

const lr = fc.constantFrom(0.01, 0.1, 0.5);
const weightDecay = fc.constantFrom(0, 0.1);
const share = fc.constantFrom(0, 0.5, 0.9);
const betas = fc.constantFrom<[number, number]>([0.9, 0.999], [0.5, 0.9], [0, 0.5]);
const eps = fc.constantFrom(1e-8, 1e-3);

const adam = fc.record({ lr, betas, eps, weightDecay, amsgrad: fc.boolean() });

/** Every optimizer with settings that may be given to it, or changed later. */
export const kinds: Readonly<
  Record<string, { readonly make: Make; readonly settings: fc.Arbitrary<Settings> }>
> = {
  SGD: {
    make: (params, settings) => new SGD(params, settings) as Any,
    settings: fc.oneof(
      fc.record({ lr, momentum: share, dampening: share, weightDecay, nesterov: fc.constant(false) }),
      fc.record({
        lr,
        momentum: fc.constant(0.9),
        dampening: fc.constant(0),
        weightDecay,
        nesterov: fc.boolean(),
      }),
    ),
  },
  Adam: { make: (params, settings) => new Adam(params, settings) as Any, settings: adam },
  AdamW: { make: (params, settings) => new AdamW(params, settings) as Any, settings: adam },
  RMSprop: {
    make: (params, settings) => new RMSprop(params, settings) as Any,
    settings: fc.record({ lr, alpha: share, eps, weightDecay, momentum: share, centered: fc.boolean() }),
  },
  Adagrad: {
    make: (params, settings) => new Adagrad(params, settings) as Any,
    settings: fc.record({ lr, lrDecay: weightDecay, eps, weightDecay, initialAccumulator: weightDecay }),
  },
  NAdam: {
    make: (params, settings) => new NAdam(params, settings) as Any,
    settings: fc.record({ lr, betas, eps, weightDecay, momentumDecay: fc.constantFrom(0, 4e-3, 0.1) }),
  },
  RAdam: {
    make: (params, settings) => new RAdam(params, settings) as Any,
    settings: fc.record({ lr, betas, eps, weightDecay }),
  },
  Adamax: {
    make: (params, settings) => new Adamax(params, settings) as Any,
    settings: fc.record({ lr, betas, eps, weightDecay }),
  },
  Adadelta: {
    make: (params, settings) => new Adadelta(params, settings) as Any,
    settings: fc.record({ lr, rho: share, eps, weightDecay }),
  },
  Muon: {
    make: (params, settings) => new Muon(params, settings) as Any,
    settings: fc.record({
      lr,
      momentum: share,
      nesterov: fc.boolean(),
      weightDecay,
      nsSteps: fc.integer({ min: 1, max: 5 }),
    }),
  },
};

/** A parameter of 2×3 numbers, the same every time, in double precision. */
export const parameter = (): Tensor =>
  randn([2, 3], { random: new Random(5), dtype: "float64", requiresGrad: true });

/** Some gradient that depends on the step alone. */
export const gradient = (step: number): Tensor =>
  randn([2, 3], { random: new Random(step), dtype: "float64" });

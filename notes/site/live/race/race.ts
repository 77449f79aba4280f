import { noGrad, scope, type Tensor, tensor } from "tensorgrad";
import {
  Adam,
  ConstantLR,
  CosineSchedule,
  clipGradNorm,
  LinearWarmup,
  type Optimizer,
  RMSprop,
  type Schedule,
  SGD,
  StepLR,
} from "tensorgrad/optim";
import {
  RACERS,
  type Race,
  type Racer,
  type ScheduleName,
  STEPS,
  type Surface,
  type Track,
  VIEWS,
} from "./names.ts";

/** Heights over the plane, of two numbers or of many at once. */
const HEIGHTS: Readonly<Record<Surface, (x: Tensor, y: Tensor) => Tensor>> = {
  valley: (x, y) => x.square().mul(0.5).add(y.square().mul(10)),
  banana: (x, y) => x.neg().add(1).square().add(y.sub(x.square()).square().mul(10)),
  saddle: (x, y) => x.square().sub(y.square().mul(2)).add(y.square().square().mul(0.5)).add(2),
  bowls: (x, y) =>
    bowl(x.add(1.4), y.add(0.6), 1.2)
      .add(bowl(x.sub(1.4), y.add(0.6), 0.8))
      .neg()
      .add(y.square().mul(0.12))
      .add(x.square().mul(0.04))
      .add(1.3),
};

const bowl = (x: Tensor, y: Tensor, depth: number): Tensor =>
  x.square().add(y.square()).mul(-0.5).exp().mul(depth);

/** Rates at which each of them does well on each surface. */
const RATES: Readonly<Record<Surface, Readonly<Record<Racer, number>>>> = {
  valley: { sgd: 0.09, momentum: 0.02, rmsprop: 0.2, adam: 0.5 },
  banana: { sgd: 0.008, momentum: 0.003, rmsprop: 0.03, adam: 0.1 },
  saddle: { sgd: 0.05, momentum: 0.02, rmsprop: 0.05, adam: 0.1 },
  bowls: { sgd: 0.3, momentum: 0.1, rmsprop: 0.05, adam: 0.1 },
};

type Walker = Optimizer<{ lr: number }>;

const MAKE: Readonly<Record<Racer, (p: Tensor[], lr: number) => Walker>> = {
  sgd: (p, lr) => new SGD(p, { lr }),
  momentum: (p, lr) => new SGD(p, { lr, momentum: 0.9 }),
  rmsprop: (p, lr) => new RMSprop(p, { lr }),
  adam: (p, lr) => new Adam(p, { lr }),
};

export function scheduleOf(name: ScheduleName, lr: number): Schedule {
  if (name === "constant") return new ConstantLR({ lr, factor: 1, steps: 1 });
  if (name === "cosine") return new CosineSchedule({ lr, steps: STEPS });
  if (name === "step") return new StepLR({ lr, stepSize: Math.ceil(STEPS / 3), gamma: 1 / 3 });
  return new LinearWarmup(new CosineSchedule({ lr, steps: STEPS - 20 }), { steps: 20 });
}

/** All racers from one start. */
export const race = (given: Race): Track[] =>
  (Object.keys(RACERS) as Racer[]).map((racer) => run(racer, given));

export function run(racer: Racer, { surface, rate, schedule, clip }: Race): Track {
  using _ = scope();
  const lr = rate * RATES[surface][racer];
  const rule = scheduleOf(schedule, lr);
  const p = tensor([...VIEWS[surface].start], { dtype: "float64", requiresGrad: true });
  const optimizer = MAKE[racer]([p], lr);
  const track = { racer, points: [place(p)], losses: [] as number[], rates: [] as number[] };
  for (let step = 0; step < STEPS; step++) {
    using _ = scope();
    const loss = HEIGHTS[surface](p.select(0, 0), p.select(0, 1));
    track.losses.push(loss.item());
    if (!Number.isFinite(loss.item()) || loss.item() > 1e6) break; // gone: nothing more to see
    optimizer.zeroGrad();
    loss.backward();
    if (clip !== null) clipGradNorm([p], clip);
    for (const { settings } of optimizer.groups) settings.lr = rule.getLr(step);
    track.rates.push(rule.getLr(step));
    optimizer.step();
    track.points.push(place(p));
  }
  return track;
}

const place = (p: Tensor): [number, number] => [p.data[0], p.data[1]];

export function heights(surface: Surface, n: number): Float32Array {
  using _ = scope();
  const { x, y } = VIEWS[surface];
  const middles = ([from, to]: readonly [number, number]) =>
    Array.from({ length: n }, (_, i) => from + ((i + 0.5) / n) * (to - from));
  const [columns, rows] = [tensor(middles(x)).reshape(1, n), tensor(middles(y).reverse()).reshape(n, 1)];
  return noGrad(() => HEIGHTS[surface](columns, rows).contiguous().data.slice()) as Float32Array; // [n, n]
}

import { manualSeed, Random, randn } from "tensorgrad";
import { magnitudePrune, snapshot } from "tensorgrad/compression";
import { DataLoader, SyntheticDigits } from "tensorgrad/data";
import { crossEntropy, Flatten, Linear, ReLU, Sequential } from "tensorgrad/nn";
import { Adam } from "tensorgrad/optim";
import { accuracy, type Callback, Trainer } from "tensorgrad/train";

/** What becomes of one trained network whose small weights are removed. Shares of the test images. */
export interface Ticket {
  readonly sparsity: number;
  /** Pruned, not trained on. */
  readonly pruned: number;
  /** Trained on with what is left. */
  readonly fineTuned: number;
  /** What is left, put back to where it began, and trained anew: the lottery ticket. */
  readonly rewound: number;
  /** The same weights are left, but begin elsewhere. */
  readonly redrawn: number;
}

export interface Tickets {
  /** Of the network as it was trained at first. */
  readonly dense: number;
  readonly tickets: readonly Ticket[];
}

/** Small digits, few examples, and a network with far more weights than it needs. */
export async function lotteryTickets(
  seed: number,
  sparsities: readonly number[],
  epochs: number,
): Promise<Tickets> {
  manualSeed(seed);
  const random = new Random(seed);
  const digits = (count: number) => new SyntheticDigits({ count, random });
  const train = new DataLoader(digits(2000), { batchSize: 50, shuffle: true });
  const test = new DataLoader(digits(1000), { batchSize: 250 });
  const model = new Sequential(new Flatten(), new Linear(28 * 28, 100), new ReLU(), new Linear(100, 10));
  const judge = async () => (await trainerOf(model).evaluate(test)).metrics.accuracy;
  const learn = async (...callbacks: Callback[]) => {
    await trainerOf(model, callbacks).fit(train, { epochs });
    return judge();
  };
  const start = snapshot(model);
  const dense = await learn();
  const trained = snapshot(model);
  const tickets: Ticket[] = [];
  for (const sparsity of sparsities) {
    model.loadStateDict(trained);
    const masks = magnitudePrune(model, { sparsity });
    const pruned = await judge();
    const fineTuned = await learn(masks);
    masks.rewind(start);
    const rewound = await learn(masks);
    masks.rewind(redrawn(start, random));
    tickets.push({ sparsity, pruned, fineTuned, rewound, redrawn: await learn(masks) });
    masks.release();
  }
  return { dense, tickets };
}

type Weights = ReturnType<typeof snapshot>;

/** Other first weights, as long as these. */
const redrawn = (start: Weights, random: Random): Weights =>
  Object.fromEntries(
    Object.entries(start).map(([path, t]) => {
      const size = Math.sqrt(t.square().mean().item());
      return [path, randn(t.shape, { random }).mul(size)];
    }),
  );

const trainerOf = (model: Sequential, callbacks: readonly Callback[] = []) =>
  new Trainer({
    ...{ model, callbacks, loss: crossEntropy, metrics: { accuracy } },
    optimizer: new Adam(model.parameters(), { lr: 2e-3 }),
  });

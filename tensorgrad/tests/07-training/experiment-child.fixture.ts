import { DataLoader, spirals } from "tensorgrad/data";
import { CrossEntropyLoss, Dropout, Linear, ReLU, Sequential } from "tensorgrad/nn";
import { Adam } from "tensorgrad/optim";
import { accuracy, Trainer } from "tensorgrad/train";
import { Experiment } from "tensorgrad/train/node";

/**
 * A program as people write them:
 *
 *   node --import tsx experiment-child.fixture.ts <root> <hidden> [cheat]
 *
 * With "cheat" it depends on something that no experiment records.
 */
const [root, hidden = "8", cheat] = process.argv.slice(2);
const experiment = new Experiment({
  name: "spiral",
  ...(root && { root }),
  config: { hidden: Number(hidden), lr: 0.02 },
});
const { config } = experiment;
const data = spirals({ count: 120, classes: 2 });
const model = new Sequential(
  new Linear(2, config.hidden),
  new ReLU(),
  new Dropout(0.1),
  new Linear(config.hidden, 2),
);
const jitter = cheat ? (Number(process.hrtime.bigint() % 1000n) + 1) * 1e-9 : 0;
const trainer = new Trainer({
  model,
  optimizer: new Adam(model.parameters(), { lr: config.lr + jitter }),
  loss: new CrossEntropyLoss(),
  metrics: { accuracy },
  callbacks: [experiment],
});
const loader = new DataLoader(data, { batchSize: 20, shuffle: true });
await trainer.fit(loader, { epochs: 2, validation: new DataLoader(data, { batchSize: 60 }) });
console.log(`trained ${experiment.id}`);

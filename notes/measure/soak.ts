import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { allocationSoak, trainingSoak } from "../../tensorgrad/tests/soak.fixture.ts";

/**
 * Memory over a long run: 100,000 training steps in one synchronous loop, then 5,000,000 blocks of random sizes. Prints
 * one JSON object; `npm run record soak` keeps it.
 */
setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;
const [steps = 100_000, allocations = 5_000_000] = process.argv.slice(2).map(Number);

const allocation = allocationSoak(allocations);
const training = trainingSoak({ steps, collect: collectGarbage });
console.log(JSON.stringify({ training, allocation }));

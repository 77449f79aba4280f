/** One rank, started by mpirun: it writes what it came to into a file of its own, for lines of ranks mix in a pipe. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { init } from "tensorgrad/distributed";
import { type Setting, train } from "./ranks.fixture.ts";

const [, , setting, folder] = process.argv;
const outcome = await train(init(), JSON.parse(setting) as Setting);
writeFileSync(join(folder, `${outcome.rank}.json`), JSON.stringify(outcome));
init().finalize();

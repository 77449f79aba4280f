/** A process that adds, promotes and rolls back without end, and says so; it is killed meanwhile. Given: the registry's folder, a model. */
import { Registry } from "../../src/21-serving/registry/index.ts";

const [root, file] = process.argv.slice(2);
const registry = new Registry(root);
for (let turn = 0; ; turn++) {
  console.log("turn");
  await registry.promote("m", turn % 2 ? "1" : "2");
  if (turn % 3 === 0) await registry.rollback("m");
  if (turn % 5 === 0) await registry.add("m", file);
}

import { claim } from "../../src/00-runtime/node.ts";

/** Claims a file when told to, says whether it got it, and holds it until standard input ends. */
const [path] = process.argv.slice(2);
process.stdout.write("ready\n");
process.stdin.once("data", () => {
  try {
    claim(path, "child", "one at a time");
    process.stdout.write("got it\n");
  } catch (error) {
    process.stdout.write(`${(error as Error).message}\n`);
  }
});
process.stdin.resume();

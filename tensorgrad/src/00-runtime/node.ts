/** The part of module 00 that needs Node: files that appear whole or not at all, and the terminal. */
export {
  giveFolderName,
  giveName,
  replaceDurably,
  writeDurably,
  writeDurablySync,
} from "./files/durable-file.ts";
export { type Claim, claim } from "./files/owner.ts";
export { checkRegularFile, type Expected } from "./files/regular-file.ts";
export { isAbandoned, isAlive, sweep, temporaryFor, writer } from "./files/temporary.ts";
export { type Bar, openBar } from "./terminal/bar.ts";

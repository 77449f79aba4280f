#!/usr/bin/env node
// Not dist/cli.js itself: npm links commands when it installs, and a fresh checkout has no dist/ then.
import { existsSync } from "node:fs";

const cli = new URL("../dist/cli.js", import.meta.url);
if (existsSync(cli)) {
  const { main } = await import(cli.href);
  process.exitCode = await main(process.argv.slice(2));
} else {
  console.error("gradverify: not built yet; npm run build");
  process.exitCode = 1;
}

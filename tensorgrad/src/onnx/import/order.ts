import type { Message } from "../format/schema.ts";

type Node = Message<"Node">;

/**
 * Nodes after those whose results they read, in the order of the file where that is possible.
 *
 * @param isKnown   whether a name means something before the first node
 */
export function inOrder(
  nodes: readonly Node[],
  isKnown: (name: string) => boolean,
  fail: (message: string) => Error,
): Node[] {
  const makers = new Map<string, number>();
  for (const [i, { output }] of nodes.entries()) for (const name of output) if (name) makers.set(name, i);
  const needs = nodes.map((node) =>
    namesIn(node).flatMap((name) => (isKnown(name) ? [] : (makers.get(name) ?? []))),
  );
  if (needs.every((list, i) => list.every((maker) => maker < i))) return [...nodes];
  const state = new Uint8Array(nodes.length); // 1: being visited, 2: placed
  const order: Node[] = [];
  for (let start = 0; start < nodes.length; start++) {
    const stack = [{ i: start, next: 0 }];
    while (stack.length > 0) {
      const top = stack[stack.length - 1];
      if (state[top.i] === 2) stack.pop();
      else if (top.next < needs[top.i].length) {
        state[top.i] = 1;
        const maker = needs[top.i][top.next++];
        if (state[maker] === 1)
          throw fail(
            cycle(
              nodes,
              stack.map(({ i }) => i),
              maker,
            ),
          );
        stack.push({ i: maker, next: 0 });
      } else {
        state[top.i] = 2;
        order.push(nodes[top.i]);
      }
    }
  }
  return order;
}

function cycle(nodes: readonly Node[], path: readonly number[], start: number): string {
  const around = [...path.slice(path.indexOf(start)), start];
  const names = around.map((i) => `"${nodes[i].name || nodes[i].output[0]}"`);
  const shown = names.length > 8 ? [...names.slice(0, 7), "…", names[0]] : names;
  return `nodes ${shown.join(" ← ")} read each other's results — a graph has no cycles`;
}

/** What a node reads, and what the graphs in its attributes read from around it. */
function namesIn({ input, attribute }: Node): string[] {
  const names = input.filter((name) => name !== "");
  for (const { g } of attribute) if (g) names.push(...namesAround(g));
  return names;
}

function namesAround(graph: Message<"Graph">, depth = 0): string[] {
  if (depth > 32) return [];
  const own = new Set([
    ...graph.input.map(({ name = "" }) => name),
    ...graph.initializer.map(({ name = "" }) => name),
    ...graph.node.flatMap(({ output }) => output),
  ]);
  const read = [
    ...graph.output.map(({ name = "" }) => name),
    ...graph.node.flatMap(({ input, attribute }) => [
      ...input,
      ...attribute.flatMap(({ g }) => (g ? namesAround(g, depth + 1) : [])),
    ]),
  ];
  return read.filter((name) => name !== "" && !own.has(name));
}

/**
 * Places for the boxes of a small graph: by ranks, each box one rank after its latest input. An edge over several ranks gets a
 * place in each of them, so that it passes between boxes. Neighbours pull, boxes keep their distance.
 *
 * Source: Sugiyama, Tagawa & Toda 1981, Methods for visual understanding of hierarchical system structures
 */
export interface Layout {
  /** By node: its rank, and its place across in units of a box with its gap. */
  readonly places: readonly { readonly rank: number; readonly across: number }[];
  /** By node and input: the places across that the edge passes, from the input's rank to the node's. */
  readonly edges: readonly (readonly (readonly { readonly rank: number; readonly across: number }[])[])[];
  readonly ranks: number;
  /** How many boxes' room the widest rank takes. */
  readonly width: number;
}

interface Spot {
  readonly rank: number;
  readonly near: number[];
  across: number;
  /** An edge that passes needs less room than a box. */
  readonly room: number;
}

const SWEEPS = 24;
const PASSING = 0.45;

export function layoutOf(inputs: readonly (readonly number[])[]): Layout {
  const ranks = ranksOf(inputs);
  const spots: Spot[] = ranks.map((rank) => ({ rank, near: [], across: 0, room: 1 }));
  const paths = inputs.map((list, node) => list.map((input) => pathOf(spots, input, node)));
  const layers = Array.from({ length: Math.max(...ranks) + 1 }, (_, rank) =>
    spots.filter((one) => one.rank === rank),
  );
  for (const layer of layers) place(layer, (_, i) => i);
  const mean = (list: readonly number[]) => list.reduce((sum, x) => sum + x, 0) / list.length;
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const forth = sweep % 2 === 0;
    for (const layer of forth ? layers : [...layers].reverse()) {
      const wish = ({ near, across }: Spot): number => {
        const side = near.filter((i) =>
          forth ? spots[i].rank < layer[0].rank : spots[i].rank > layer[0].rank,
        );
        const pull = sweep < SWEEPS / 2 && side.length > 0 ? side : near;
        return pull.length > 0 ? mean(pull.map((i) => spots[i].across)) : across;
      };
      const wishes = new Map(layer.map((spot) => [spot, wish(spot)]));
      layer.sort((a, b) => (wishes.get(a) as number) - (wishes.get(b) as number));
      place(layer, (spot) => wishes.get(spot) as number);
    }
  }
  const least = Math.min(...spots.map(({ across, room }) => across - room / 2));
  for (const spot of spots) spot.across -= least;
  const at = (i: number) => ({ rank: spots[i].rank, across: spots[i].across });
  return {
    places: ranks.map((_, i) => at(i)),
    edges: paths.map((list) => list.map((path) => path.map(at))),
    ranks: layers.length,
    width: Math.max(...spots.map(({ across, room }) => across + room / 2)),
  };
}

/** One after the latest input; inputs without inputs stand just before their first user. */
function ranksOf(inputs: readonly (readonly number[])[]): number[] {
  const ranks = inputs.map(() => 0);
  for (const [node, list] of inputs.entries())
    for (const input of list) ranks[node] = Math.max(ranks[node], ranks[input] + 1);
  return ranks.map((rank, node) => {
    if (inputs[node].length > 0) return rank;
    const users = ranks.filter((_, user) => inputs[user].includes(node));
    return users.length > 0 ? Math.min(...users) - 1 : 0;
  });
}

function pathOf(spots: Spot[], from: number, to: number): number[] {
  const path = [from];
  for (let rank = spots[from].rank + 1; rank < spots[to].rank; rank++)
    path.push(spots.push({ rank, near: [], across: 0, room: PASSING }) - 1);
  path.push(to);
  for (let i = 1; i < path.length; i++) {
    spots[path[i]].near.push(path[i - 1]);
    spots[path[i - 1]].near.push(path[i]);
  }
  return path;
}

/** As near to the wishes as the distances allow, in the order of the layer: blocks that touch move together. */
function place(layer: readonly Spot[], wish: (spot: Spot, i: number) => number): void {
  const blocks: { spots: Spot[]; offsets: number[]; sum: number; length: number }[] = [];
  const centre = (b: (typeof blocks)[number]) => b.sum / b.spots.length;
  for (const [i, spot] of layer.entries()) {
    let block = {
      spots: [spot],
      offsets: [spot.room / 2],
      sum: wish(spot, i) - spot.room / 2,
      length: spot.room,
    };
    for (let last = blocks.at(-1); last && centre(last) + last.length > centre(block); last = blocks.at(-1)) {
      blocks.pop();
      block = joined(last, block);
    }
    blocks.push(block);
  }
  for (const block of blocks)
    for (const [i, spot] of block.spots.entries()) spot.across = centre(block) + block.offsets[i];
}

type Block = { spots: Spot[]; offsets: number[]; sum: number; length: number };

const joined = (a: Block, b: Block): Block => ({
  spots: [...a.spots, ...b.spots],
  offsets: [...a.offsets, ...b.offsets.map((offset) => offset + a.length)],
  sum: a.sum + b.sum - b.spots.length * a.length,
  length: a.length + b.length,
});

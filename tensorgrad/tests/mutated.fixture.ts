import type { Random } from "tensorgrad";

/** One to four changes: bits, bytes, numbers that claim much, parts left out, doubled or moved. */
export function mutated(bytes: Uint8Array, random: Random): Uint8Array {
  let file = bytes.slice();
  const below = (n: number) => Math.floor(random.uniform() * n);
  for (let change = below(4); change >= 0; change--) {
    const at = below(file.length);
    const end = Math.min(file.length, at + 1 + below(40));
    const kind = below(7);
    if (kind === 0) file[at] ^= 1 << below(8);
    else if (kind === 1) file[at] = below(256);
    else if (kind === 2) file.set([255, 255, 255, 255, 7].slice(0, file.length - at), at);
    else if (kind === 3) file = joined(file.subarray(0, at), file.subarray(end));
    else if (kind === 4) file = joined(file.subarray(0, end), file.subarray(at));
    else if (kind === 5) file = file.slice(0, Math.max(1, at));
    else file.set(file.slice(at, end).reverse(), at);
  }
  return file;
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(a.length + b.length);
  whole.set(a);
  whole.set(b, a.length);
  return whole;
}

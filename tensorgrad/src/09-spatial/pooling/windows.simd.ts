// Tables of windows, see windows.ts: for each output the first input, the input after the last, and a count.

/** Bytes of one entry of a table of windows. */
@inline
const ENTRY: usize = 12;

@inline
export function startOf(table: usize, i: usize): usize {
  return <usize>load<i32>(table + i * ENTRY);
}

@inline
export function endOf(table: usize, i: usize): usize {
  return <usize>load<i32>(table + i * ENTRY, 4);
}

@inline
export function countOf(table: usize, i: usize): f32 {
  return <f32>load<i32>(table + i * ENTRY, 8);
}

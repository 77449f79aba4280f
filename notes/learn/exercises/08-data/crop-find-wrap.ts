import type { Exercise } from "../../exercise.ts";

const MOVE = `const by = top * width + left;
const [begin, end] = [Math.max(0, -by), Math.min(to.length, from.length - by)];
if (begin < end) to.set(from.subarray(begin + by, end + by), begin);`;

export const cropFindWrap: Exercise = {
  id: "crop-find-wrap",
  title: "Find the bug: pixels around the edge",
  points: 25,
  part: "implementation",
  kind: "find",
  starts: "what came around the edge is left",
  source: "tensorgrad/src/08-data/transforms/random-crop.ts",
  note: "08-data#a-picture",
  task:
    "`shift` crops a window that is as wide as the image. It copies everything in one go, because rows follow each other in memory. " +
    "With padding, pixels of the left edge then show up at the right edge of the row above. Accuracy is a little worse, and no error is raised. " +
    "Find what is missing, and add it.",
  hints: [
    "The window lies one column to the right of the image. What does the copy put into the last column?",
    "Behind the last pixel of a row comes the first pixel of the next one. Those places belong to the zeros around the image. `left` says how many there are.",
    "left < 0: the columns 0 to −left are outside; left > 0: the columns width − left to width. They must be 0 in every row.",
    "copy; (first, last) ← left < 0 ? (0, −left) : (width − left, width); for each row of `to`: set the columns from first to last to 0",
  ],
  mistakes: [
    {
      name: "what came around the edge is left",
      wrong: MOVE,
      says: "The copy takes pixels of the neighbouring rows along. Those beyond the left or right edge must become 0.",
    },
    {
      name: "the other side is cleared",
      wrong: `${MOVE}
const [first, last] = left > 0 ? [0, left] : [width + left, width];
for (let row = 0; row < to.length; row += width) {
  for (let x = first; x < last; x++) to[row + x] = 0;
}`,
      says: "You clear columns, but those on the wrong side. With left = 1 the window begins at column 1. Which of its columns is outside?",
    },
    {
      name: "only the first row is cleared",
      wrong: `${MOVE}
const [first, last] = left < 0 ? [0, -left] : [width - left, width];
to.fill(0, first, last);`,
      says: "The first row is right now. Every other row has the same columns outside.",
    },
  ],
};

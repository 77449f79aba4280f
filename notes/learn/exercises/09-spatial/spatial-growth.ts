import type { Exercise } from "../../exercise.ts";

export const spatialGrowth: Exercise = {
  id: "spatial-growth",
  title: "Predict: how much im2col grows an image",
  points: 15,
  part: "systems",
  kind: "predict",
  note: "09-spatial#predict-then-measure",
  task:
    "`unfold` writes what a filter sees at every place. Its input are 2 images of 8 channels and 16×16 pixels. " +
    "Say how many times as many numbers come out. The check unfolds and counts.",
  hints: [
    "How many numbers does a K×K filter see at one place, and how many places are there?",
    "Each place gives K·K numbers for each channel. With stride 1 and enough padding there are as many places as pixels. Read *Lowering grows with the filter* in note 09.",
    "growth = K·K·H′·W′/(H·W), H′ = ⌊(H + 2p − K)/s⌋ + 1",
    "3·3; 5·5; 9·8·8/256; 9·14·14/256",
  ],
  questions: [
    { name: "three", ask: "A 3×3 filter, padding 1." },
    { name: "five", ask: "A 5×5 filter, padding 2." },
    { name: "strided", ask: "A 3×3 filter, padding 1, stride 2." },
    { name: "bare", ask: "A 3×3 filter without padding." },
  ],
  mistakes: [
    {
      name: "the side of the filter, not its area",
      wrong: { three: 3, five: 5, strided: 1.5, bare: 2.625 },
      says: "A filter has K·K taps, and every one of them makes a copy.",
    },
    {
      name: "the stride taken off once",
      wrong: { three: 9, five: 25, strided: 4.5, bare: 9 },
      says: "A stride of 2 leaves out rows and columns. And without padding there are fewer places than pixels.",
    },
    {
      name: "channels counted in",
      wrong: { three: 72, five: 200, strided: 18, bare: 55.125 },
      says: "The image has these channels, too. They cancel in the quotient.",
    },
  ],
};

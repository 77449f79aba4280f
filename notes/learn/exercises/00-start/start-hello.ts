import type { Exercise } from "../../exercise.ts";

export const exercise: Exercise = {
  id: "start-hello",
  title: "Hello: does everything run?",
  kind: "read",
  points: 0,
  part: "reflection",
  note: "00-micrograd",
  task: "Hello. This exercise gives no points: it tries the set-up. Its check looks at Node, and lets both libraries compute 2·3 + 4. Open this file in your editor, put the result in the place of NaN, and save. The watcher notices. Keys: h is a hint, n the next exercise, q the end.",
  hints: [
    "What is 2·3 + 4?",
    "A product comes before a sum. The file to change is named above; the number stands behind the equals sign.",
    "2·3 + 4 = 6 + 4",
    "export const hello = <the result>;",
  ],
  mistakes: [
    {
      name: "from left to right: the sum first",
      wrong: { hello: 14 },
      says: "This is 2·(3 + 4). A product comes before a sum. The set-up works: the number was read.",
    },
  ],
  questions: [{ name: "hello", ask: "2·3 + 4, as both libraries compute it?" }],
};

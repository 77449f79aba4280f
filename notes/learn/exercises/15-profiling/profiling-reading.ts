import type { QuestionExercise } from "../../exercise.ts";

export const profilingReading: QuestionExercise = {
  id: "profiling-reading",
  kind: "read",
  title: "The roofline and Amdahl's law",
  points: 10,
  part: "reflection",
  note: "15-profiling#the-rule",
  task: `
Read *The rule* and the five questions, then answer. A machine copies 20 GB a second, bytes read and written, and computes 100 GFLOP a second in products.
The intensity of a relu is measured with the profile; the rest follows from the formulas.`,
  hints: [
    "Which of the two ceilings does an operation with few flops a byte meet first?",
    "The ridge is where both ceilings allow the same rate. Amdahl's law: what is not improved stays.",
    "ridge = π/β; intensity = flops/bytes; rate ≤ min(π, β·intensity); speed-up = 1/(1 − p + p/s).",
    "ridge = 100/20; relu: 1 flop on 4 + 4 bytes; the product's rate: 20·2 against 100; Amdahl: 1/(0.6 + 0.4/4).",
  ],
  questions: [
    { name: "ridge", ask: "Where is the ridge of this machine?", unit: "flops a byte" },
    { name: "relu", ask: "What is the intensity of relu in float32?", unit: "flops a byte" },
    { name: "rate", ask: "At most how fast is a product of 2 flops a byte?", unit: "GFLOP a second" },
    {
      name: "amdahl",
      ask: "A row has 40 % of the time and becomes 4 times as fast. How many times as fast is the whole, to two decimals?",
    },
  ],
  mistakes: [
    {
      name: "bytes read alone, the improved part alone",
      wrong: { ridge: 5, relu: 0.25, rate: 40, amdahl: 4 },
      says: "A relu also writes its result. And the other 60 % of the time stay as they are.",
    },
    {
      name: "the ridge the other way round, the ceiling of arithmetic for all",
      wrong: { ridge: 0.2, relu: 0.125, rate: 100, amdahl: 1.6 },
      says: "The ridge is flops over bytes. Left of it memory decides. In Amdahl's law the share that is improved still takes a part of its time.",
    },
  ],
};

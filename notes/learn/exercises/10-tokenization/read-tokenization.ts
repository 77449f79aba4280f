import type { Exercise } from "../../exercise.ts";

export const readTokenization: Exercise = {
  id: "read-tokenization",
  title: "Read: what a vocabulary costs",
  points: 10,
  part: "reflection",
  kind: "read",
  note: "10-tokenization#systems-analysis",
  task: "Read *The rule* and *Systems analysis* of note 10. Then answer with numbers. Each follows from a sentence there.",
  hints: [
    "Which quantity must be comparable between vocabularies?",
    "*The rule* says what one merge saves. *What it means for a model* has the score, attention's work and the parameters.",
    "nats per character = nats per token/characters per token; attention's work ~ T²; parameters 2·V·D",
    "3.2/2; 40; (1/2)²; 2·8192·128",
  ],
  questions: [
    { name: "nats", ask: "A model has 3.2 nats per token and 2 characters per token: nats per character?" },
    {
      name: "saved",
      ask: "A pair occurs 40 times and does not overlap itself. By how many tokens does its merge shorten the text?",
    },
    {
      name: "attention",
      ask: "A text becomes half as many tokens. Which share of attention's work is left?",
    },
    { name: "parameters", ask: "8,192 tokens, width 128: parameters of embedding and head, not shared." },
  ],
  mistakes: [
    {
      name: "the loss times the length",
      wrong: { nats: 6.4, saved: 80, attention: 0.5, parameters: 1_048_576 },
      says: "A token carries the nats of all its characters, so divide. And a merge turns two tokens into one.",
    },
    {
      name: "losses compared as they are",
      wrong: { nats: 3.2, saved: 20, attention: 0.75, parameters: 16_384 },
      says: "A loss per token says nothing across vocabularies. And both tables have V rows of D numbers.",
    },
  ],
};

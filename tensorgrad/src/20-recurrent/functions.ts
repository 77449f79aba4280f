/** The Function classes of module 20, for tables of proofs. */
export { GruSequence } from "./gru.ts";
export { LstmSequence } from "./lstm.ts";
export { RnnSequence } from "./rnn.ts";

/** Module 20: networks that read sequences step by step. */
export type { CellOptions } from "./cell.ts";
export { GRU, GRUCell } from "./gru.ts";
export type { Recurred, RecurrentInputs, RecurrentOptions } from "./layers.ts";
export { LSTM, LSTMCell } from "./lstm.ts";
export { type Nonlinearity, RNN, RNNCell, type RnnOptions } from "./rnn.ts";

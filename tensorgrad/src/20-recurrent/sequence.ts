import { type Tensor, zeros } from "../01-tensor/index.ts";
import type { Course, Recurrence } from "./recurrence.ts";
import type { Weights } from "./weights.ts";

export interface Sequences {
  /** Initial ones, [B, H] each; an empty list stands for zeros. */
  readonly states: readonly Tensor[];
  readonly lengths: Tensor | null;
  readonly reverse: boolean;
  readonly final: boolean;
}

/** Runs sequences x [T, B, in] through one layer in one direction. */
export function applied(
  make: (course: Course) => Recurrence,
  x: Tensor,
  { weight_ih, weight_hh, bias_ih, bias_hh }: Weights,
  { states, lengths, reverse, final }: Sequences,
): Tensor {
  const course = { reverse, given: states.length > 0, lengths: lengths !== null, final };
  const none = () => zeros([weight_ih.shape[0]], { dtype: x.dtype });
  const weights = [weight_ih, weight_hh, bias_ih ?? none(), bias_hh ?? none()];
  return make(course).apply(x, ...weights, ...states, ...(lengths ? [lengths] : []));
}

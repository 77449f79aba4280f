import { float, int64s, node, type OnnxNode, type OnnxOperand, type Tensor } from "../01-tensor/index.ts";
import type { Scoring } from "./composed.ts";

/** Attention on inputs q, k, v and maybe a mask, in ONNX's words. */
export function attentionNode(inputs: readonly Tensor[], { mask, causal, scale }: Scoring): OnnxNode {
  const [q, k, v] = inputs.map(({ shape }) => shape);
  const [heads, keyHeads] = [q.at(-3) ?? 1, k.at(-3) ?? 1];
  const [T, S] = [q.at(-2) as number, k.at(-2) as number];
  const lead = q.slice(0, -3);
  const isGrouped = heads !== keyHeads;
  const apart = (x: OnnxOperand, [rows, cols]: readonly number[], groups: number) =>
    isGrouped ? node("Reshape", {}, [x, int64s(...lead, keyHeads, groups, rows, cols)]) : x;
  const back = (x: OnnxNode, cols: number) =>
    isGrouped ? node("Reshape", {}, [x, int64s(...lead, heads, T, cols)]) : x;
  const perm = [...k.keys(), ...(isGrouped ? [k.length] : [])];
  const last = perm.length - 1;
  const turned = node("Transpose", { perm: [...perm.slice(0, -2), last, last - 1] }, [
    apart(1, k.slice(-2), 1),
  ]);
  const scaled = node("Mul", {}, [0, float(scale)]);
  const scores = back(node("MatMul", {}, [apart(scaled, q.slice(-2), heads / keyHeads), turned]), S);
  const visible = causal ? node("Add", {}, [scores, future(T, S)]) : scores;
  const weights = mask ? seeing(visible, mask) : node("Softmax", { axis: -1 }, [visible]);
  const average = node("MatMul", {}, [apart(weights, [T, S], heads / keyHeads), apart(2, v.slice(-2), 1)]);
  return back(average, v.at(-1) as number);
}

/** −∞ above the diagonal that ends in the last key, 0 elsewhere. */
function future(queries: number, keys: number): OnnxNode {
  const everywhere = node("Expand", {}, [float(-Infinity), int64s(queries, keys)]);
  return node("Trilu", { upper: 1 }, [everywhere, { ...int64s(keys - queries + 1), shape: [] }]);
}

/** Softmax of masked scores, where a query may see nothing: then its weights are 0. */
function seeing(scores: OnnxNode, { dtype }: Tensor): OnnxNode {
  const masked =
    dtype === "bool" ? node("Where", {}, [3, scores, float(-Infinity)]) : node("Add", {}, [scores, 3]);
  const largest = node("ReduceMax", { keepdims: 1 }, [masked, int64s(-1)]);
  const blind = node("Equal", {}, [largest, float(-Infinity)]);
  const weights = node("Softmax", { axis: -1 }, [node("Where", {}, [blind, float(0), masked])]);
  return node("Where", {}, [blind, float(0), weights]);
}

/** How operations speak of themselves in ONNX: plain data; only the folder onnx/ knows the file format. */

/** An integer, a float (always written `{ float }`), a string, or a list of integers or strings. */
export type OnnxAttribute =
  | number
  | { readonly float: number }
  | string
  | readonly number[]
  | readonly string[];

/** A number is the position of an input in `prev`; null leaves an optional input out. */
export type OnnxOperand = number | OnnxNode | OnnxConstant | null;

/** A node of ONNX that does the work of a Function: its operator, attributes and inputs. */
export interface OnnxNode {
  readonly op: string;
  readonly attributes: Readonly<Record<string, OnnxAttribute>>;
  /** null: all of `prev`, in order. A node among the inputs makes a composed operation. */
  readonly inputs: readonly OnnxOperand[] | null;
  /**
   * Which of the operator's results is meant, for those that have several; 0 unless given. Nodes that share one list of
   * inputs, `{ ...node, output: 1 }`, are one operator.
   */
  readonly output?: number;
  /** The same in other operators, for engines that lack a float64 kernel for this one. */
  readonly float64?: () => OnnxNode;
}

/** Numbers that an exported node needs beside the Function's inputs. */
export interface OnnxConstant {
  /** `float` is the dtype of the operation's first input. */
  readonly dtype: "int64" | "int32" | "int8" | "uint8" | "bool" | "float";
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

/** `node("Gemm", { transB: 1 })`: this ONNX operation on all inputs. */
export const node = (
  op: string,
  attributes: OnnxNode["attributes"] = {},
  inputs: OnnxNode["inputs"] = null,
): OnnxNode => ({ op, attributes, inputs });

/** A list of whole numbers: axes, shapes, positions. */
export const int64s = (...data: number[]): OnnxConstant => ({
  dtype: "int64",
  shape: [data.length],
  data,
});

/** A single number of the first input's dtype. */
export const float = (value: number): OnnxConstant => ({
  dtype: "float",
  shape: [],
  data: [value],
});

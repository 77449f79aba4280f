/**
 * ONNX's messages: name, field numbers and types, from `onnx.proto3` of the ONNX project (IR version 10). Encoder,
 * decoder and TypeScript types all follow from this one table, so they cannot disagree.
 *
 * A field is `[number, type]`, with `"*"` for a repeated one. Fields that this project never reads or writes
 * (sparse tensors, training information, functions) are left out; the decoder skips them like any unknown field.
 */
export const schema = {
  Model: {
    irVersion: [1, "int64"],
    producerName: [2, "string"],
    producerVersion: [3, "string"],
    domain: [4, "string"],
    modelVersion: [5, "int64"],
    docString: [6, "string"],
    graph: [7, "Graph"],
    opsetImport: [8, "OperatorSetId", "*"],
    metadataProps: [14, "StringStringEntry", "*"],
  },
  OperatorSetId: { domain: [1, "string"], version: [2, "int64"] },
  StringStringEntry: { key: [1, "string"], value: [2, "string"] },
  Graph: {
    node: [1, "Node", "*"],
    name: [2, "string"],
    initializer: [5, "Tensor", "*"],
    docString: [10, "string"],
    input: [11, "ValueInfo", "*"],
    output: [12, "ValueInfo", "*"],
    valueInfo: [13, "ValueInfo", "*"],
  },
  Node: {
    input: [1, "string", "*"],
    output: [2, "string", "*"],
    name: [3, "string"],
    opType: [4, "string"],
    attribute: [5, "Attribute", "*"],
    docString: [6, "string"],
    domain: [7, "string"],
    metadataProps: [9, "StringStringEntry", "*"],
  },
  Attribute: {
    name: [1, "string"],
    f: [2, "float"],
    i: [3, "int64"],
    s: [4, "bytes"],
    t: [5, "Tensor"],
    g: [6, "Graph"],
    floats: [7, "float", "*"],
    ints: [8, "int64", "*"],
    strings: [9, "bytes", "*"],
    tensors: [10, "Tensor", "*"],
    graphs: [11, "Graph", "*"],
    docString: [13, "string"],
    type: [20, "int32"],
    refAttrName: [21, "string"],
  },
  Tensor: {
    dims: [1, "int64", "*"],
    dataType: [2, "int32"],
    floatData: [4, "float", "*"],
    int32Data: [5, "int32", "*"],
    stringData: [6, "bytes", "*"],
    int64Data: [7, "int64", "*"],
    name: [8, "string"],
    rawData: [9, "bytes"],
    doubleData: [10, "double", "*"],
    uint64Data: [11, "uint64", "*"],
    docString: [12, "string"],
    externalData: [13, "StringStringEntry", "*"],
    dataLocation: [14, "int32"],
  },
  ValueInfo: {
    name: [1, "string"],
    type: [2, "Type"],
    docString: [3, "string"],
  },
  Type: {
    tensorType: [1, "TensorType"],
    sequenceType: [4, "ElementType"],
    denotation: [6, "string"],
    optionalType: [9, "ElementType"],
  },
  /** Of the elements of a sequence, and of what an optional may hold. */
  ElementType: { elemType: [1, "Type"] },
  TensorType: { elemType: [1, "int32"], shape: [2, "TensorShape"] },
  TensorShape: { dim: [1, "Dimension", "*"] },
  /** `dimValue` and `dimParam` exclude each other: a size, or the name of one that is known at run time only. */
  Dimension: {
    dimValue: [1, "int64"],
    dimParam: [2, "string"],
    denotation: [3, "string"],
  },
  /** A sequence in a file of its own, from `onnx-data.proto3`: test data comes in such files. `elemType` 1 is a tensor. */
  Sequence: {
    name: [1, "string"],
    elemType: [2, "int32"],
    tensorValues: [3, "Tensor", "*"],
    sequenceValues: [5, "Sequence", "*"],
    optionalValues: [7, "Optional", "*"],
  },
  Optional: {
    name: [1, "string"],
    elemType: [2, "int32"],
    tensorValue: [3, "Tensor"],
    sequenceValue: [5, "Sequence"],
  },
} as const satisfies Record<string, Record<string, Field>>;

export type Field = readonly [number: number, type: FieldType, repeated?: "*"];
export type FieldType = Scalar | MessageName;
/** The messages of the format that are known here. */
export type MessageName =
  | "Model"
  | "OperatorSetId"
  | "StringStringEntry"
  | "Graph"
  | "Node"
  | "Attribute"
  | "Tensor"
  | "ValueInfo"
  | "Type"
  | "TensorType"
  | "TensorShape"
  | "Dimension"
  | "ElementType"
  | "Sequence"
  | "Optional";

/** Protobuf's scalar types, and the JavaScript values they become. */
export interface Scalars {
  int32: number;
  /** A number when it is a safe integer, else a bigint. */
  int64: number | bigint;
  uint64: number | bigint;
  float: number;
  double: number;
  string: string;
  bytes: Uint8Array;
}
export type Scalar = keyof Scalars;

type Schema = typeof schema;
type Value<T> = T extends Scalar ? Scalars[T] : T extends MessageName ? Message<T> : never;
type Draft<T> = T extends Scalar ? Scalars[T] : T extends MessageName ? MessageDraft<T> : never;
type RepeatedKeys<F> = {
  [K in keyof F]: F[K] extends readonly [number, string, "*"] ? K : never;
}[keyof F];
type TypeOf<F> = F extends readonly [number, infer T, ...unknown[]] ? T : never;

/** A message as the decoder gives it: repeated fields are lists (possibly empty), absent ones are missing. */
export type Message<M extends MessageName> = {
  -readonly [K in RepeatedKeys<Schema[M]>]: Value<TypeOf<Schema[M][K]>>[];
} & {
  -readonly [K in Exclude<keyof Schema[M], RepeatedKeys<Schema[M]>>]?: Value<TypeOf<Schema[M][K]>>;
};

/** A message as the encoder takes it: every field may be missing. What is present is written, zeros too. */
export type MessageDraft<M extends MessageName> = {
  readonly [K in RepeatedKeys<Schema[M]>]?: readonly Draft<TypeOf<Schema[M][K]>>[];
} & {
  readonly [K in Exclude<keyof Schema[M], RepeatedKeys<Schema[M]>>]?: Draft<TypeOf<Schema[M][K]>>;
};

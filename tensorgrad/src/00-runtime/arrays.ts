/** Arrays of real numbers: float32 is what models train in, float64 what gradients are checked in. */
export type Floats = Float32Array | Float64Array;

/** Every storage a tensor can have (bool is stored as Uint8Array). */
export type Numbers = Floats | Int32Array | Uint8Array | Int8Array | Uint16Array;

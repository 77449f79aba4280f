import fc from "fast-check";

export const pairs = (min: number, max: number) =>
  fc.tuple(fc.integer({ min, max }), fc.integer({ min, max })) as fc.Arbitrary<[number, number]>;

/** Everything that a convolution can be told, and an image in which its filter has room. */
export const settings = fc
  .record({
    N: fc.integer({ min: 0, max: 2 }),
    groups: fc.constantFrom(1, 1, 2, 3),
    inputs: fc.integer({ min: 1, max: 2 }),
    outputs: fc.integer({ min: 1, max: 2 }),
    kernel: pairs(1, 3),
    stride: pairs(1, 3),
    dilation: pairs(1, 2),
    padding: pairs(0, 2),
    room: pairs(0, 3),
  })
  .map((drawn) => {
    const { kernel, dilation, padding, room } = drawn;
    const image = [0, 1].map((d) =>
      Math.max(1, dilation[d] * (kernel[d] - 1) + 1 - 2 * padding[d] + room[d]),
    );
    return { ...drawn, image };
  });

export type Settings = typeof settings extends fc.Arbitrary<infer S> ? S : never;

export const optionsOf = ({ stride, padding, dilation, groups }: Settings) => ({
  stride,
  padding,
  dilation,
  groups,
});

/** Of a transposed convolution, without outputPadding. */
export const sizeAfter = ({ image, stride, padding, dilation, kernel }: Settings, d: number) =>
  (image[d] - 1) * stride[d] - 2 * padding[d] + dilation[d] * (kernel[d] - 1) + 1;

import fc from "fast-check";

/** Programs with shared values, of functions that are smooth where they are asked. */
export const programs: fc.Arbitrary<string> = fc
  .tuple(
    fc.array(fc.integer({ min: -30, max: 30 }), { minLength: 2, maxLength: 3 }),
    fc.array(fc.tuple(fc.nat(8), fc.nat(20), fc.nat(20)), { minLength: 1, maxLength: 6 }),
  )
  .map(([leaves, operations]) => {
    const names = leaves.map((_, i) => `a${i}`);
    const lines = leaves.map((x, i) => `a${i} = ${x / 10}`);
    for (const [i, [kind, left, right]] of operations.entries()) {
      const [x, y] = [names[left % names.length], names[right % names.length]];
      const forms = [
        `${x} + ${y}`,
        `${x} * ${y}`,
        `${x} - ${y}`,
        `tanh(${x})`,
        `relu(${x})`,
        `sigmoid(${x})`,
        `${x}^2`,
        `exp(tanh(${x})) / (${y}^2 + 1)`,
        `log(${x}^2 + 1)`,
      ];
      lines.push(`b${i} = ${forms[kind]}`);
      names.push(`b${i}`);
    }
    return lines.join("; ");
  });

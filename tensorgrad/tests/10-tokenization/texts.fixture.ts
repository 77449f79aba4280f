import fc from "fast-check";

/** Any string that JavaScript can hold, halves of surrogate pairs and all. */
export const anyString = fc.string({
  unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)),
});

/** Strings of what tokenizers stumble over, beside all of Unicode. */
export const awkward = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        " ",
        "  ",
        "\n",
        "\r\n",
        "\t",
        "\u00a0",
        "\u3000",
        "'s",
        "'re",
        "'LL",
        "’s",
        "don't",
        " the",
        "The",
      ),
      fc.constantFrom(
        "é",
        "e\u0301",
        "漢字",
        "한국어",
        "नमस्ते",
        "עברית",
        "👩‍👩‍👧",
        "🇫🇷",
        "😀",
        "\ufeff",
        "\u200d",
        "\0",
        "²",
        "½",
        "Ⅷ",
        "１２",
      ),
      fc.constantFrom(
        "<|endoftext|>",
        "<|",
        "==",
        "0x1F",
        "1,000.50",
        "https://a.b/?c=d",
        "snake_case",
        "#version",
        "Ġ",
        "ĊĠ",
      ),
      fc.string({ unit: "grapheme" }),
      fc.string({ unit: "binary" }),
      fc.string(),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(""));

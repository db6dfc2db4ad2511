// Labels on a canvas: measured, cut between whole characters, isolated from their surroundings' direction.

// First-strong isolate: an Arabic token does not turn the ellipsis or the number beside it around.
function isolated(text) {
  return `\u2068${text}\u2069`;
}

// The page's own words in its language, for what is measured or painted; elements are translated where they stand.
function worded(text) {
  return globalThis.headlight?.translate?.(text) ?? text;
}

// What a reader calls characters: a base with its marks, a joined emoji.
function charactersOf(text) {
  if (typeof Intl !== "undefined" && Intl.Segmenter) {
    return [...new Intl.Segmenter(undefined, { granularity: "grapheme" }).segment(text)].map((part) => part.segment);
  }
  return [...text];
}

// Scripts that are written downwards as they are, not on their side; and emoji, with what joins and colors them.
const UPRIGHT = /^(?:[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\u3000-\u303F\u30FC\uFF01-\uFF60]|\p{Extended_Pictographic}|\p{Emoji_Modifier}|\p{Regional_Indicator}|[\u200D\uFE0F])+$/u;
const LAID_DOWN = /^[ー〜～…（）［］｛｝〈〉《》「」『』【】〔〕]$/u; // strokes and brackets that run along the line
const UPPER_RIGHT = /^[、。，．]$/u; // their place in a character's square when lines run downwards

function standsUpright(text) {
  return UPRIGHT.test(text);
}

// Measures text and cuts what is too long; both remembered, because every hover asks again.
function makePen() {
  const context = document.createElement("canvas").getContext("2d");
  let known = new Map();
  const width = (text, font) => {
    const name = `${font}|${text}`;
    if (!known.has(name)) {
      context.font = font;
      known.set(name, context.measureText(text).width);
    }
    return known.get(name);
  };
  const fit = (text, font, room) => {
    if (width(text, font) <= room) return text;
    const parts = charactersOf(text);
    let [low, high] = [0, parts.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (width(`${parts.slice(0, middle).join("")}…`, font) <= room) low = middle;
      else high = middle - 1;
    }
    return `${parts.slice(0, low).join("")}…`;
  };
  // Fonts that arrive late change every width.
  return { width, fit, forget: () => { known = new Map(); } };
}

// A label that ends at (x, y), or starts there: `align` is "left" or "right".
function drawLabel(context, pen, text, { x, y, room, font, color, align }) {
  context.font = font;
  context.fillStyle = color;
  context.textAlign = align;
  context.textBaseline = "middle";
  context.fillText(isolated(pen.fit(text, font, room)), x, y);
}

// A label that stands on (x, bottom) and reads upwards; Chinese, Japanese and Korean stay upright, one above the other.
function drawStanding(context, pen, text, { x, bottom, room, font, size, color }) {
  if (!standsUpright(text)) {
    context.save();
    context.translate(x, bottom);
    context.rotate(-Math.PI / 2);
    drawLabel(context, pen, text, { x: 0, y: 0, room, font, color, align: "left" });
    context.restore();
    return;
  }
  context.font = font;
  context.fillStyle = color;
  context.textAlign = "center";
  context.textBaseline = "middle";
  const step = size * 1.1;
  let parts = charactersOf(text);
  if (parts.length * step > room) parts = [...parts.slice(0, Math.max(1, Math.floor(room / step) - 1)), "…"];
  parts.forEach((part, i) => drawUpright(context, part, x, bottom - (parts.length - i - 0.5) * step, size));
}

function drawUpright(context, part, x, y, size) {
  if (!LAID_DOWN.test(part)) {
    const off = UPPER_RIGHT.test(part) ? size / 2 : 0;
    context.fillText(part, x + off, y - off);
    return;
  }
  context.save();
  context.translate(x, y);
  context.rotate(Math.PI / 2);
  context.fillText(part, 0, 0);
  context.restore();
}

function standingLength(pen, text, font, size) {
  return standsUpright(text) ? charactersOf(text).length * size * 1.1 : pen.width(text, font);
}

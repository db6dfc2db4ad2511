// Where everything of the matrix stands, in CSS pixels. Nothing here draws.

const SMALLEST_CELL = 8;
const NEARLY = 6; // a picture that fits at this size is shown whole rather than scrolled by a sliver
const LARGEST_CELL = 40;
const TALLEST = 640;
const WHOLE_ABOVE = 64; // longer texts start as a whole picture; shorter ones keep legible cells and scroll
const AXIS = 18;
const GAP = 6;

// `cell` is the size now, `base` without zoom. The matrix's window keeps its size while one zooms, so nothing jumps.
function heatmapLayout(model, pen, theme, width, zoom) {
  const longest = Math.max(model.rows, model.cols);
  const labelFont = (size, bold = false) => `${bold ? "bold " : ""}${size}px ${theme.mono}`;
  const widest = Math.max(...model.queries.texts.map((text) => pen.width(text, labelFont(12))), 8);
  const labels = Math.ceil(Math.min(widest, 112, width * 0.24));
  const lead = AXIS + labels + GAP;
  const room = width - lead - 2;
  const fitting = Math.min(LARGEST_CELL, room / model.cols, TALLEST / model.rows);
  const base = longest > WHOLE_ABOVE || fitting >= NEARLY ? fitting : SMALLEST_CELL;
  const cell = Math.min(Math.max(LARGEST_CELL, base), base * zoom);
  const size = cell >= 9 ? clamp(Math.round(cell * 0.85), 9, 12) : 10;
  const standing = model.keys.texts.map((text) => standingLength(pen, text, labelFont(12), 12));
  const above = Math.ceil(Math.min(Math.max(...standing, 8), 112));
  const viewWidth = Math.min(room, model.cols * cell);
  return {
    cell, base, size, labelFont, labels, above,
    step: cell >= 9 ? 1 : Math.ceil((size + 3) / cell),
    zoomable: longest > WHOLE_ABOVE || base * model.cols > room + 0.5,
    x: model.mirrored ? 1 : lead,
    y: AXIS + above + GAP,
    lead,
    viewWidth,
    viewHeight: Math.min(base * model.rows, model.rows * cell),
    width: lead + viewWidth + 2,
    height: AXIS + above + GAP + Math.min(base * model.rows, model.rows * cell) + 2,
    contentWidth: model.cols * cell,
    contentHeight: model.rows * cell,
    column: (k) => (model.mirrored ? model.cols - 1 - k : k) * cell,
    keyAt: (x) => (model.mirrored ? model.cols - 1 - Math.floor(x / cell) : Math.floor(x / cell)),
  };
}

// The row and column under a point of the figure: one of them null beside the matrix, both null elsewhere.
function heatmapHit(layout, model, scroll, x, y) {
  const inRows = y >= layout.y && y < layout.y + layout.viewHeight;
  const inColumns = x >= layout.x && x < layout.x + layout.viewWidth;
  const q = inRows ? Math.floor((y - layout.y + scroll.top) / layout.cell) : null;
  const k = inColumns ? layout.keyAt(x - layout.x + scroll.left) : null;
  const inside = (at, count) => (at !== null && at >= 0 && at < count ? at : null);
  if (q === null && (k === null || y > layout.y)) return null;
  return { q: inside(q, model.rows), k: inside(k, model.cols) };
}

// The matrix: queries down, keys across, drawn on one canvas that stays put while its window scrolls.

const NUMBERS_TO = 16; // tokens up to which the cells carry their numbers

function heatmapView(figure) {
  const node = make("div", "hl-scroll");
  const sizer = make("div", "hl-sizer");
  const canvas = make("canvas", "hl-canvas");
  canvas.setAttribute("aria-hidden", "true");
  sizer.append(canvas);
  node.append(sizer);
  const zoomBar = make("div", "hl-zoom");
  zoomBar.hidden = true;
  const view = { node, canvas, zoomBar, zoom: 1, fresh: true, layout: null, image: null };

  view.scroll = () => ({ left: node.scrollLeft, top: node.scrollTop });

  view.place = (width) => {
    const layout = heatmapLayout(figure.model, figure.pen, figure.theme, width, view.zoom);
    view.layout = layout;
    node.style.width = `${layout.width}px`;
    node.style.height = `${layout.height}px`;
    sizer.style.width = `${layout.width - layout.viewWidth + layout.contentWidth}px`;
    sizer.style.height = `${layout.height - layout.viewHeight + layout.contentHeight}px`;
    zoomBar.hidden = !layout.zoomable;
    if (view.fresh) Object.assign(node, { scrollLeft: figure.model.mirrored ? layout.contentWidth : 0, scrollTop: 0 });
    view.fresh = false;
    node.classList.toggle("hl-pannable", layout.contentWidth > layout.viewWidth + 1 || layout.contentHeight > layout.viewHeight + 1);
  };

  // Another text starts whole, at the side where it starts to be read.
  view.restart = () => Object.assign(view, { zoom: 1, fresh: true });

  // Forgets what was drawn for another value or another theme.
  view.refresh = () => {
    view.image = null;
  };

  view.paint = (width) => {
    view.place(width);
    const { layout } = view;
    const context = crisp(canvas, layout.width, layout.height);
    const scroll = view.scroll();
    context.save();
    context.beginPath();
    context.rect(layout.x, layout.y, layout.viewWidth, layout.viewHeight);
    context.clip();
    context.translate(layout.x - scroll.left, layout.y - scroll.top);
    drawCells(context, figure, view, scroll);
    drawBlocked(context, figure, layout);
    drawOutline(context, figure, layout);
    drawMarks(context, figure, layout);
    context.restore();
    context.strokeStyle = figure.theme.line;
    context.lineWidth = 1;
    context.strokeRect(layout.x - 0.5, layout.y - 0.5, layout.viewWidth + 1, layout.viewHeight + 1);
    drawPinned(context, figure, layout, scroll);
    drawRowLabels(context, figure, layout, scroll);
    drawColumnLabels(context, figure, layout, scroll);
    drawAxisNames(context, figure, layout);
  };

  listenToHeatmap(figure, view);
  return view;
}

// Cells of some size are rectangles on whole device pixels with a hairline between; small ones one scaled image.
function drawCells(context, figure, view, scroll) {
  const { model, theme } = figure;
  const { layout } = view;
  const { cell } = layout;
  const scale = window.devicePixelRatio || 1;
  if (cell < 12) {
    context.imageSmoothingEnabled = false;
    view.image ??= matrixImage(model, theme, Math.min(1, cell * scale));
    context.drawImage(view.image, 0, 0, layout.contentWidth, layout.contentHeight);
    return;
  }
  const snap = (at) => Math.round(at * scale) / scale;
  const gap = cell >= 14 ? 1 : 1 / scale;
  const numbers = Math.max(model.rows, model.cols) <= NUMBERS_TO && cell >= 22;
  context.font = `${clamp(Math.round(cell * 0.34), 9, 12)}px ${theme.mono}`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  const first = Math.max(0, Math.floor(scroll.top / cell));
  const last = Math.min(model.rows, Math.ceil((scroll.top + layout.viewHeight) / cell));
  for (let q = first; q < last; q += 1) {
    const [top, bottom] = [snap(q * cell), snap((q + 1) * cell)];
    for (let k = 0; k < model.cols; k += 1) {
      if (model.blocked(q, k)) continue;
      const [left, right] = [snap(layout.column(k)), snap(layout.column(k) + cell)];
      const tone = Math.round(255 * model.tone(q, k));
      context.fillStyle = theme.ramp.css[tone];
      context.fillRect(left, top, right - left - gap, bottom - top - gap);
      if (!numbers || model.at(q, k) < 0.005) continue;
      context.fillStyle = theme.ramp.text[tone];
      context.fillText(shortNumber(model.at(q, k)), (left + right - gap) / 2, (top + bottom - gap) / 2 + 0.5);
    }
  }
}

// ".98": the leading zero says nothing when every number has it.
function shortNumber(weight) {
  const text = weight.toFixed(2);
  return text.startsWith("0") ? text.slice(1) : "1";
}

// One pixel per cell; where the screen has fewer pixels than cells, each pixel the strongest of its cells.
function matrixImage(model, theme, perCell) {
  const [width, height] = [model.cols, model.rows].map((count) => Math.max(1, Math.floor(count * perCell)));
  const { codes, cols, open } = model;
  const strongest = new Int32Array(width * height).fill(-1);
  const column = Int32Array.from({ length: model.cols }, (_, k) => {
    const shown = model.mirrored ? model.cols - 1 - k : k;
    return Math.min(width - 1, Math.floor((shown / model.cols) * width));
  });
  for (let q = 0; q < model.rows; q += 1) {
    if (model.empty(q)) continue;
    const row = Math.min(height - 1, Math.floor((q / model.rows) * height)) * width;
    for (let k = 0; k < cols; k += 1) {
      if (!open && !model.allowed(q, k)) continue;
      const at = row + column[k];
      if (codes[q * cols + k] > strongest[at]) strongest[at] = codes[q * cols + k];
    }
  }
  const step = 255 / Math.max(1, model.largestCode); // even steps of code are even steps of tone
  return pixelImage(width, height, theme, (pixels, colors) => {
    for (let i = 0; i < strongest.length; i += 1) {
      if (strongest[i] >= 0) pixels[i] = colors[Math.round(step * strongest[i])];
    }
  });
}

// Blocked pairs: hatched, stretch by stretch, so that a causal mask of 512 rows is 512 rectangles.
function drawBlocked(context, figure, layout) {
  const { model, theme } = figure;
  if (model.open) return;
  const hatch = hatching(context, theme);
  for (let q = 0; q < model.rows; q += 1) {
    let start = null;
    for (let k = 0; k <= model.cols; k += 1) {
      const blocked = k < model.cols && model.blocked(q, k);
      if (blocked && start === null) start = k;
      if (blocked || start === null) continue;
      context.fillStyle = hatch;
      const left = Math.min(layout.column(start), layout.column(k - 1));
      context.fillRect(left, q * layout.cell, (k - start) * layout.cell, layout.cell);
      start = null;
    }
  }
}

function hatching(context, theme) {
  const tile = make("canvas");
  const side = 6;
  const pen = crisp(tile, side, side);
  pen.strokeStyle = theme.line;
  pen.lineWidth = 1;
  pen.beginPath();
  for (const shift of [-side, 0, side]) {
    pen.moveTo(shift - 1, side + 1);
    pen.lineTo(shift + side + 1, -1);
  }
  pen.stroke();
  const pattern = context.createPattern(tile, "repeat");
  const scale = window.devicePixelRatio || 1;
  pattern.setTransform(new DOMMatrix().scale(1 / scale));
  return pattern;
}

// A line around the cells of the chosen pattern: an edge wherever a cell in it meets one outside.
function drawOutline(context, { model, theme }, layout) {
  if (!model.outlined) return;
  const { cell } = layout;
  const path = new Path2D();
  const edge = (x0, y0, x1, y1) => {
    path.moveTo(x0, y0);
    path.lineTo(x1, y1);
  };
  for (let q = 0; q < model.rows; q += 1) {
    for (let k = 0; k < model.cols; k += 1) {
      if (!model.outlined(q, k)) continue;
      const [x, y] = [layout.column(k), q * cell];
      const before = model.mirrored ? k + 1 : k - 1;
      const after = model.mirrored ? k - 1 : k + 1;
      if (!model.outlined(q - 1, k)) edge(x, y, x + cell, y);
      if (!model.outlined(q + 1, k)) edge(x, y + cell, x + cell, y + cell);
      if (!model.outlined(q, before)) edge(x, y, x, y + cell);
      if (!model.outlined(q, after)) edge(x + cell, y, x + cell, y + cell);
    }
  }
  context.strokeStyle = theme.accent;
  context.lineWidth = cell >= 8 ? 1.5 : 0.75;
  context.stroke(path);
}

// The row and the cell under the pointer or the cursor.
function drawMarks(context, figure, layout) {
  const focus = figure.focus();
  if (!focus) return;
  const { cell } = layout;
  const room = roomAround(cell);
  context.lineWidth = 1;
  if (focus.q !== null && focus.q !== figure.pinned) {
    context.strokeStyle = figure.theme.query;
    context.strokeRect(0.5, Math.round(focus.q * cell - room) - 0.5, layout.contentWidth - 1, Math.round(cell + 2 * room));
  }
  if (focus.k === null) return;
  context.strokeStyle = figure.theme.key;
  const left = layout.column(focus.k);
  if (focus.q === null) context.strokeRect(Math.round(left - room) - 0.5, 0.5, Math.round(cell + 2 * room), layout.contentHeight - 1);
  else {
    context.lineWidth = 2;
    context.strokeRect(left - room - 1, focus.q * cell - room - 1, cell + 2 * room + 1, cell + 2 * room + 1);
  }
}

// Outlines stand off from rows so thin that the line would cover what it points at.
function roomAround(cell) {
  return cell < 8 ? 2 : 0;
}

// The kept row, outlined past the matrix's edges, thicker than a pattern's cells.
function drawPinned(context, figure, layout, scroll) {
  if (figure.pinned === null) return;
  const top = layout.y + figure.pinned * layout.cell - scroll.top;
  if (top < layout.y - layout.cell || top > layout.y + layout.viewHeight) return;
  context.save();
  context.beginPath();
  context.rect(0, layout.y - 4, layout.width, layout.viewHeight + 8);
  context.clip();
  context.strokeStyle = figure.theme.accent;
  context.lineWidth = 2;
  const room = roomAround(layout.cell);
  context.strokeRect(layout.x, Math.round(top - room) - 0.5, layout.viewWidth, Math.round(layout.cell + 2 * room));
  context.restore();
}

// A matrix of a lab: rows down, columns across, on one canvas.

LAB_KINDS.matrix = labMatrix;

function labMatrix(lab, frame) {
  const canvas = make("canvas", "hl-canvas");
  canvas.setAttribute("aria-hidden", "true");
  frame.body.append(canvas);
  const scale = make("div", "hl-scale");
  frame.foot.append(scale);
  const view = { model: null, layout: null, image: null, parsed: null };

  const mine = (focus, side) => cellInFocus(frame, focus, side, view.model);
  const focused = (row, column) => focusOnCell(frame.value.linked, row, column);
  const paint = (focus) => paintMatrix(canvas, { ...view, theme: lab.theme, pen: lab.pen, value: frame.value, width: frame.width, row: mine(focus, 0), column: mine(focus, 1) });
  const parse = (value) => {
    if (view.parsed !== value) Object.assign(view, { parsed: value, model: parseMatrix(value), image: null });
    return view.model;
  };

  return {
    layout: () => view.layout,
    size: (value) => `${value.values.rows}x${value.values.cols}`,
    show(value, width) {
      const model = parse(value);
      view.layout = matrixLayout(model, value, lab.pen, lab.theme, width);
      const { cellWidth, cellHeight, turned } = view.layout;
      const table = value.ramp === "signed" ? lab.theme.signed : lab.theme.ramp;
      view.image = Math.min(cellWidth, cellHeight) < 12 ? toneImage(model.cols, model.rows, (x, y) => model.tone(y, turned ? model.cols - 1 - x : x), { ramp: table }) : null;
      drawLabScale(scale, value, lab.theme);
    },
    light: paint,
    at(event) {
      const box = canvas.getBoundingClientRect();
      const [x, y] = [event.clientX - box.left - view.layout.x, event.clientY - box.top - view.layout.y];
      const inside = (at, count) => (at >= 0 && at < count ? at : null);
      const row = inside(Math.floor(y / view.layout.cellHeight), view.model.rows);
      const column = inside(view.layout.columnAt(x), view.model.cols);
      return (row === null && (column === null || y > 0)) ? null : focused(row, column);
    },
    move(focus, down, across) {
      if (!view.model) parse(frame.value);
      const [row, column] = [mine(focus, 0), mine(focus, 1)];
      if (!across) return focused(steppedTo(row, down, view.model.rows), column);
      return focused(row ?? 0, steppedTo(column, view.layout?.turned ? -across : across, view.model.cols));
    },
    read(focus) {
      if (frame.value.small) return [];
      const [row, column] = [mine(focus, 0), mine(focus, 1)];
      if (row === null && column === null) return labHint(lab, frame);
      return readMatrix(view.model, frame.value, row, column);
    },
    say: (value) => sayMatrix(parse(value), value),
    text: (value) => textOfMatrix(parse(value), value),
  };
}

// The row (side 0) or column (side 1) in focus here; null where there is none, or where this matrix is smaller.
function cellInFocus(frame, focus, side, model) {
  const linked = frame.value.linked[side];
  const at = focus.panel === frame.id ? focus.cell?.[side] : linked ? focus[linked] : null;
  return at !== null && at !== undefined && at < [model.rows, model.cols][side] ? at : null;
}

function focusOnCell([down, across], row, column) {
  const at = { cell: [row, column] };
  if (across && column !== null) at[across] = column;
  if (down && row !== null) at[down] = row;
  return at;
}

function paintMatrix(canvas, picture) {
  const { model, layout, theme, width, value, image } = picture;
  const context = crisp(canvas, width, layout.height);
  context.save();
  context.translate(layout.x, layout.y);
  if (image) {
    const uneven = (cell) => (cell * (window.devicePixelRatio || 1)) % 1 > 0.02;
    context.imageSmoothingEnabled = Math.min(layout.cellWidth, layout.cellHeight) < 3 && (uneven(layout.cellWidth) || uneven(layout.cellHeight));
    context.drawImage(image, 0, 0, layout.across, layout.down);
  } else drawLabCells(context, picture);
  drawLabBlocked(context, picture);
  context.strokeStyle = theme.line;
  context.lineWidth = 1;
  context.strokeRect(-0.5, -0.5, layout.across + 1, layout.down + 1);
  drawLabMarks(context, picture);
  context.restore();
  if (!value.small) drawLabLabels(context, picture);
}

function drawLabCells(context, { model, layout, theme, pen, value }) {
  const { cellWidth, cellHeight } = layout;
  const ratio = window.devicePixelRatio || 1;
  const snap = (at) => Math.round(at * ratio) / ratio;
  const table = value.ramp === "signed" ? theme.signed : theme.ramp;
  const font = `${clamp(Math.round(cellWidth * 0.34), 9, 12)}px ${theme.mono}`;
  const short = (number) => (value.ramp === "weights" && value.low === 0 && value.high === 1 && value.digits === 2 ? shortNumber(number) : sayNumber(number, value.digits));
  const widest = Math.max(...[value.values.low, value.values.high].map((end) => pen.width(short(end), font)));
  const numbers = !value.small && cellHeight >= 20 && widest <= cellWidth - 3;
  Object.assign(context, { font, textAlign: "center", textBaseline: "middle" });
  for (let r = 0; r < model.rows; r += 1) {
    const [top, bottom] = [snap(r * cellHeight), snap((r + 1) * cellHeight)];
    for (let c = 0; c < model.cols; c += 1) {
      const [left, right] = [snap(layout.left(c)), snap(layout.left(c) + cellWidth)];
      const middle = [(left + right - 1) / 2, (top + bottom - 1) / 2 + 0.5];
      const tone = model.tone(r, c);
      if (tone >= 0) {
        context.fillStyle = table.css[Math.round(255 * tone)];
        context.fillRect(left, top, right - left - 1, bottom - top - 1);
        if (!numbers || (value.ramp === "weights" && model.at(r, c) < 0.005)) continue;
        context.fillStyle = table.text[Math.round(255 * tone)];
        context.fillText(short(model.at(r, c)), ...middle);
      }
    }
  }
}

// Blocked cells and cells that are no number: hatched, never colored.
function drawLabBlocked(context, { model, layout, theme, pen, value }) {
  const hatch = hatching(context, theme);
  const { cellWidth, cellHeight } = layout;
  const font = `10px ${theme.mono}`;
  const mark = (text, x, y) => {
    context.fillStyle = theme.paper;
    context.fillRect(x - pen.width(text, font) / 2 - 2, y - 6, pen.width(text, font) + 4, 12);
    Object.assign(context, { font, fillStyle: theme.muted, textAlign: "center", textBaseline: "middle" });
    context.fillText(text, x, y);
  };
  for (let r = 0; r < model.rows; r += 1) {
    let start = null;
    for (let c = 0; c <= model.cols; c += 1) {
      const none = c < model.cols && model.tone(r, c) < 0;
      if (none && start === null) start = c;
      if (none || start === null) continue;
      context.fillStyle = hatch;
      context.fillRect(Math.min(layout.left(start), layout.left(c - 1)), r * cellHeight, (c - start) * cellWidth, cellHeight);
      for (let at = start; at < c && cellHeight >= 20 && !model.empty(r); at += 1) {
        const text = model.blocked(r, at) ? worded(value.blocked_text) : sayNumber(model.at(r, at));
        if (text && pen.width(text, font) <= cellWidth - 6) mark(text, layout.left(at) + cellWidth / 2, (r + 0.5) * cellHeight);
      }
      start = null;
    }
    if (model.empty(r) && cellHeight >= 14) mark(pen.fit(worded(value.empty_note), font, layout.across - 8), layout.across / 2, (r + 0.5) * cellHeight);
  }
}

function roleOf(theme, linked) {
  return linked ? theme[linked] : theme.ink;
}

function drawLabMarks(context, { layout, theme, value, row, column }) {
  const { cellWidth, cellHeight, across, down } = layout;
  const out = (cell) => (cell < 8 ? 2 : 0); // off rows so thin that the line would cover them
  const line = (color, width, x, y, wide, high) => {
    Object.assign(context, { strokeStyle: color, lineWidth: width });
    context.strokeRect(Math.round(x) - 0.5, Math.round(y) - 0.5, Math.round(wide), Math.round(high));
  };
  const [beside, over] = [out(cellWidth), out(cellHeight)];
  if (column !== null) line(roleOf(theme, value.linked[1]), 1, layout.left(column) - beside, 0, cellWidth + 2 * beside, down);
  if (row !== null) line(roleOf(theme, value.linked[0]), 1, 0, row * cellHeight - over, across, cellHeight + 2 * over);
  if (row !== null && column !== null) {
    line(theme.ink, 2, layout.left(column) - beside, row * cellHeight - over, cellWidth + 2 * beside, cellHeight + 2 * over);
  }
  if (value.selected !== null) line(theme.accent, 2, 0, value.selected * cellHeight - over, across + 1, cellHeight + 2 * over);
}

function drawLabLabels(context, { model, layout, theme, pen, value, width, row, column }) {
  const { x, y, cellWidth, cellHeight, size, font, across, turned, sided } = layout;
  const beside = sided ? { x: x + across + 6, align: "left" } : { x: x - 6, align: "right" };
  const rows = [row, value.selected].filter((at) => at !== null);
  for (const r of matrixLabels(model.row, model.rows, cellHeight, size, 26, rows)) {
    const color = rows.includes(r) ? roleOf(theme, value.linked[0]) : model.row.special.has(r) || model.row.ticks ? theme.muted : theme.ink;
    drawLabel(context, pen, model.row.text(r), { ...beside, y: y + (r + 0.5) * cellHeight, room: layout.labels, font: font(model.row.ticks ? 11 : size, rows.includes(r)), color });
  }
  const columns = column === null ? [] : [column];
  for (const c of matrixLabels(model.column, model.cols, cellWidth, size, 40, columns)) {
    const marked = c === column;
    const color = marked ? roleOf(theme, value.linked[1]) : model.column.special.has(c) || model.column.ticks ? theme.muted : theme.ink;
    const at = x + layout.left(c) + cellWidth / 2;
    if (!model.column.ticks) drawStanding(context, pen, model.column.text(c), { x: at, bottom: y - 6, room: layout.above, font: font(size, marked), size, color });
    else {
      Object.assign(context, { font: font(11, marked), fillStyle: color, textAlign: "center", textBaseline: "middle" });
      context.fillText(String(c), Math.min(at, width - pen.width(String(c), font(11)) / 2), y - 10);
    }
  }
  const [down, over] = value.axes.map(worded);
  const name = { y: 8, font: `12px ${theme.sans}` };
  const overhead = turned ? { x: x + Math.max(across, pen.width(over, name.font)), align: "right" } : { x, align: "left" };
  drawLabel(context, pen, over, { ...name, ...overhead, room: across + 40, color: value.linked[1] ? roleOf(theme, value.linked[1]) : theme.muted });
  context.save();
  context.translate(sided ? x + across + 6 + layout.labels + 10 : 8, y);
  context.rotate(-Math.PI / 2);
  drawLabel(context, pen, down, { ...name, x: 0, y: 0, room: Math.max(92, layout.down), color: value.linked[0] ? roleOf(theme, value.linked[0]) : theme.muted, align: "right" });
  context.restore();
}

// The words around the matrix: rows beside it, columns above it, and what the two axes are.

// Which labels to draw: every step-th, but always the ones that matter now, with room around them where labels are dense.
function shownLabels(count, step, cell, size, always) {
  const shown = [];
  for (let i = 0; i < count; i += step) {
    if (step === 1 || always.every((other) => other === i || Math.abs(other - i) * cell >= size + 2)) shown.push(i);
  }
  return [...new Set([...shown, ...always])];
}

function drawRowLabels(context, figure, layout, scroll) {
  const { model, theme, pen } = figure;
  const focus = figure.focus();
  const always = [focus?.q, figure.pinned].filter((q) => q !== null && q !== undefined);
  for (const q of shownLabels(model.rows, layout.step, layout.cell, layout.size, always)) {
    const y = layout.y + (q + 0.5) * layout.cell - scroll.top;
    if (y < layout.y - 1 || y > layout.y + layout.viewHeight + 1) continue;
    const marked = always.includes(q);
    drawLabel(context, pen, model.queries.texts[q], {
      x: model.mirrored ? layout.x + layout.viewWidth + GAP : layout.x - GAP,
      y,
      room: layout.labels,
      font: layout.labelFont(layout.size, marked),
      color: marked ? theme.query : model.queries.special(q) ? theme.muted : theme.ink,
      align: model.mirrored ? "left" : "right",
    });
  }
}

function drawColumnLabels(context, figure, layout, scroll) {
  const { model, theme, pen } = figure;
  const marked = figure.focus()?.k ?? null;
  for (const k of shownLabels(model.cols, layout.step, layout.cell, layout.size, marked === null ? [] : [marked])) {
    const x = layout.x + layout.column(k) + layout.cell / 2 - scroll.left;
    if (x < layout.x - 1 || x > layout.x + layout.viewWidth + 1) continue;
    drawStanding(context, pen, model.keys.texts[k], {
      x,
      bottom: layout.y - GAP,
      room: layout.above,
      font: layout.labelFont(layout.size, k === marked),
      size: layout.size,
      color: k === marked ? theme.key : model.keys.special(k) ? theme.muted : theme.ink,
    });
  }
}

function drawAxisNames(context, figure, layout) {
  const { model, theme, pen } = figure;
  const font = `12px ${theme.sans}`;
  const across = { y: AXIS / 2, room: layout.width, font, color: theme.key };
  if (model.mirrored) drawLabel(context, pen, worded("looked at: key"), { ...across, x: layout.x + layout.viewWidth, align: "right" });
  else drawLabel(context, pen, worded("looked at: key"), { ...across, x: layout.x, align: "left" });
  context.save();
  context.translate(model.mirrored ? layout.width - AXIS / 2 : AXIS / 2, layout.y + Math.max(layout.viewHeight, 84));
  context.rotate(-Math.PI / 2);
  const alongRows = { x: Math.max(layout.viewHeight, 84), y: 0, room: 200, font, color: theme.query, align: "right" };
  drawLabel(context, pen, worded("looking: query"), alongRows);
  context.restore();
}

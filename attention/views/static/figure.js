// The selected head: matrix or arcs, what is read and what is kept, the readout below. `read()` gives
// {value, mode, query}; `emit('pin', {query})` says which row is kept (null: none).

const ARCS_TO = 40; // views/arcs.py keeps the same number

function mountHeatmap(root, read, emit) {
  return mountHeadFigure(root, () => ({ value: read().value, query: read().query, mode: "matrix" }), emit);
}

function mountArcs(root, read, emit) {
  return mountHeadFigure(root, () => ({ value: read().value, query: read().query, mode: "arcs" }), emit);
}

function mountHeadFigure(root, read, emit) {
  const dom = headFigureShell(root);
  const figure = {
    model: null, theme: null, pen: makePen(), pinned: null, hovered: null, cursor: null, mode: "matrix",
    width: () => dom.stage.clientWidth,
    focus: () => figure.hovered ?? figure.cursor ?? (figure.pinned === null ? null : { q: figure.pinned, k: null }),
  };
  let asked = null; // the row the page asked to keep, as last seen
  let shown = null; // the payload last seen

  function paint() {
    dom.root.classList.toggle("hl-empty", !figure.model); // before the width is read: an empty stage has a border
    const width = figure.width();
    if (!width) return; // in a hidden tab; the size observer asks again
    if (figure.model) {
      figure.view.paint(width);
      dom.readout.show(figure.model, figure.focus());
    }
    stamp(root, figure.model?.title);
  }
  figure.repaint = oncePerFrame(paint);
  figure.hover = (at) => {
    const same = at?.q === figure.hovered?.q && at?.k === figure.hovered?.k;
    figure.hovered = at;
    if (!same) figure.repaint();
  };
  figure.leave = () => figure.hover(null);
  figure.move = (cursor) => {
    figure.cursor = cursor;
    figure.hovered = null;
    if (cursor) figure.view.reveal(cursor);
    dom.readout.speak(figure.model, figure.focus(), figure.pinned);
    figure.repaint();
  };
  figure.keep = (query) => {
    figure.pinned = query;
    emit('pin', { query });
    dom.readout.speak(figure.model, figure.focus(), figure.pinned);
    figure.repaint();
  };
  figure.pin = (q) => figure.keep(figure.pinned === q ? null : q);

  const views = { matrix: heatmapView(figure), arcs: arcsView(figure) };
  figure.view = views.matrix;
  dom.stage.append(views.matrix.zoomBar);
  listenToKeys(figure, dom.stage);

  function refresh(show) {
    figure.theme = readTheme(root, figure.theme);
    for (const view of Object.values(views)) view.refresh();
    if (figure.model) drawScale(dom.scale, figure.model, figure.theme);
    show();
  }

  function surroundings() {
    figure.pen.forget();
    refresh(figure.repaint);
  }

  function draw() {
    const { value, mode, query } = read();
    const fresh = !value !== !figure.model || (value && (value.weights.data !== shown?.weights.data || value.title !== shown.title || value.queries.texts.join() !== shown.queries.texts.join()));
    const row = query ?? value?.query ?? null;
    const sized = value && figure.model && figure.model.rows === value.weights.rows && figure.model.cols === value.weights.cols;
    figure.model = value ? parseHead(value) : null;
    if (fresh || row !== asked) figure.pinned = figure.model && row < figure.model.rows ? row : null;
    if (fresh) figure.hovered = null;
    if (!sized) Object.assign(figure, { cursor: null, hovered: null });
    if (!sized) views.matrix.restart();
    [asked, shown] = [row, value];
    chooseView(mode);
    dom.caption.textContent = figure.model?.caption || "";
    if (figure.model) {
      dom.stage.setAttribute("aria-label", ariaLabel(figure.model));
      describe(dom.table, figure.model);
    }
    refresh(paint); // at once: what was asked for is drawn before anything else on the page
  }

  function chooseView(mode) {
    const long = figure.model ? Math.max(figure.model.rows, figure.model.cols) : 0;
    const arcs = mode === "arcs" && long <= ARCS_TO;
    dom.refusal.textContent = mode === "arcs" && !arcs ? `Arcs are for up to ${ARCS_TO} tokens; this text has ${long}, so the matrix stays.` : "";
    dom.refusal.hidden = !dom.refusal.textContent;
    figure.view = arcs ? views.arcs : views.matrix;
    dom.scale.classList.toggle("hl-unseen", arcs);
    views.matrix.zoomBar.classList.toggle("hl-unseen", arcs);
    if (figure.view.node.parentNode !== dom.plot) dom.plot.replaceChildren(figure.view.node);
  }

  watchSurroundings(root, surroundings);
  // `layout` lets a test find a cell; pages need only `draw`.
  return { draw, layout: () => views.matrix.layout };
}

function ariaLabel(model) {
  const name = model.title || "Attention weights";
  return `${name}: ${model.rows} rows that look, ${model.cols} columns that are looked at. Arrow keys move, Enter keeps a row, Escape lets it go.`;
}

function headFigureShell(root) {
  root.classList.add("hl-figure", "hl-head");
  const stage = make("div", "hl-stage");
  stage.tabIndex = 0;
  stage.setAttribute("role", "application");
  stage.setAttribute("aria-label", "Attention weights, nothing read yet");
  const plot = make("div", "hl-plot");
  const refusal = make("p", "hl-refusal");
  const readout = makeReadout();
  const scale = make("div", "hl-scale");
  const below = make("div", "hl-below");
  const caption = make("p", "hl-caption");
  const table = make("div", "hl-hidden");
  stage.append(plot);
  below.append(readout.node, scale);
  root.replaceChildren(refusal, stage, below, caption, readout.live, table);
  return { root, stage, plot, refusal, readout, scale, caption, table };
}

function listenToKeys(figure, stage) {
  const step = (event) => {
    const { model } = figure;
    const at = figure.cursor ?? figure.hovered ?? { q: figure.pinned, k: null };
    const q = at.q ?? -1;
    const across = (by) => {
      const row = Math.max(q, 0);
      const start = model.mostLookedAt(row, 1)[0]?.[0] ?? 0;
      return { q: row, k: at.k === null ? start : clamp(at.k + by * (model.mirrored ? -1 : 1), 0, model.cols - 1) };
    };
    const down = (row) => ({ q: clamp(row, 0, model.rows - 1), k: at.k });
    const moves = {
      ArrowDown: () => down(q + 1),
      ArrowUp: () => down(q - 1),
      Home: () => down(0),
      End: () => down(model.rows - 1),
      ArrowLeft: () => across(-1),
      ArrowRight: () => across(1),
    };
    return moves[event.key]?.() ?? null;
  };
  stage.addEventListener("keydown", (event) => {
    if (!figure.model || event.target !== stage || event.altKey || event.metaKey || event.ctrlKey) return;
    const cursor = step(event);
    const zoom = { "+": 1.5, "=": 1.5, "-": 1 / 1.5 }[event.key];
    if (cursor) figure.move(cursor);
    else if (event.key === "Enter" || event.key === " ") figure.focus()?.q != null && figure.pin(figure.focus().q);
    else if (event.key === "Escape") escape();
    else if (zoom && figure.view.zoomBy) figure.view.zoomBy(zoom);
    else if (event.key === "0" && figure.view.resetZoom) figure.view.resetZoom();
    else return;
    event.preventDefault();
  });
  // Escape lets go of the kept row first; where none is kept, of the cursor.
  function escape() {
    Object.assign(figure, { cursor: null, hovered: null });
    if (figure.pinned !== null) figure.keep(null);
    else figure.repaint();
  }
  stage.addEventListener("blur", () => {
    figure.cursor = null;
    figure.repaint();
  });
}

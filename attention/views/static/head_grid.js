// All heads at once: layers down, heads across. `read()` gives {value, selected: [layer, head], color}; color names one of
// value.tables, or nothing for thumbnails;
// `emit('pick', {layer, head})` says which head to open.

const GRID_LEFT = 28;
const GRID_BELOW = 18;
const LARGEST_THUMB = 96;
const GRID_NO_NUMBER = 255; // views/coding.py keeps the same number

function mountHeadGrid(root, read, emit) {
  const dom = headGridShell(root);
  const grid = { value: null, codes: null, atlas: null, theme: null, layout: null, hovered: null, cursor: null, selected: null, scores: null };
  let asked = "";

  grid.focus = () => grid.hovered ?? grid.cursor ?? grid.selected;
  grid.say = (at) => (at ? `${headName(...at)}${grid.value.notes[at[0] * grid.value.n_heads + at[1]] ? `, ${grid.value.notes[at[0] * grid.value.n_heads + at[1]]}` : ""}` : "");
  grid.repaint = oncePerFrame(() => {
    root.classList.toggle("hl-empty", !grid.value); // before the width is read: an empty stage has a border
    const width = dom.stage.clientWidth;
    if (!width) return; // in a hidden tab; the size observer asks again
    if (grid.value) {
      if (!grid.scores) grid.atlas ??= headAtlas(grid);
      grid.layout = headGridLayout(grid.value, width);
      paintHeadGrid(dom.canvas, grid);
      showHead(dom.readout, grid);
    }
    stamp(root, grid.value?.title);
  });
  grid.hover = (at) => {
    if (String(at) === String(grid.hovered)) return;
    grid.hovered = at;
    grid.repaint();
  };
  grid.move = (at) => {
    Object.assign(grid, { cursor: at, hovered: null });
    dom.live.textContent = at ? grid.say(at) : "";
    grid.repaint();
  };
  grid.pick = (at) => {
    if (!at) return;
    grid.selected = at;
    dom.live.textContent = `${grid.say(at)}, opened`;
    emit('pick', { layer: at[0], head: at[1] });
    grid.repaint();
  };
  listenToHeadGrid(grid, dom);

  function surroundings() {
    const theme = readTheme(root, grid.theme);
    if (theme.ramp !== grid.theme?.ramp) grid.atlas = null;
    grid.theme = theme;
    grid.repaint();
  }

  function draw() {
    const { value, selected, color } = read();
    const at = selected ?? value?.selected ?? null;
    grid.scores = value && color ? bytesOf(value.tables?.[color] || "") : null;
    // Re-selecting comes without the picture: nothing to decode again then.
    if (value?.data !== grid.value?.data) {
      grid.codes = value ? bytesOf(value.data) : null;
      Object.assign(grid, { hovered: null, cursor: null });
      asked = "";
    }
    if (value !== grid.value) grid.atlas = null;
    grid.value = value;
    if (String(at) !== asked) grid.selected = at && value && at[0] < value.n_layers && at[1] < value.n_heads ? [at[0], at[1]] : null;
    asked = String(at);
    dom.caption.textContent = value?.caption || "";
    if (value) dom.stage.setAttribute("aria-label", `${value.title}: ${value.n_layers} layers of ${value.n_heads} heads. Arrow keys move, Enter opens a head.`);
    surroundings();
  }

  watchSurroundings(root, surroundings);
  return { draw };
}

function headGridShell(root) {
  root.classList.add("hl-figure", "hl-grid");
  const stage = make("div", "hl-stage");
  stage.tabIndex = 0;
  stage.setAttribute("role", "application");
  stage.setAttribute("aria-label", "All heads, nothing read yet");
  const canvas = make("canvas", "hl-canvas");
  canvas.setAttribute("aria-hidden", "true");
  stage.append(canvas);
  const readout = make("div", "hl-head-readout");
  const live = make("div", "hl-hidden");
  live.setAttribute("aria-live", "polite");
  const caption = make("p", "hl-caption");
  root.replaceChildren(stage, readout, caption, live);
  return { root, stage, canvas, readout, live, caption };
}

function headGridLayout(value, width) {
  const cell = Math.min(LARGEST_THUMB, (width - GRID_LEFT) / value.n_heads);
  const gap = cell >= 40 ? 4 : cell >= 14 ? 2 : 1;
  return {
    cell, gap,
    width: GRID_LEFT + cell * value.n_heads,
    height: cell * value.n_layers + GRID_BELOW,
    box: (layer, head) => {
      const [x, y] = [Math.round(GRID_LEFT + head * cell), Math.round(layer * cell)];
      return { x, y, side: Math.round(GRID_LEFT + (head + 1) * cell) - x - gap };
    },
  };
}

// Every thumbnail in one image, drawn from piece by piece.
function headAtlas({ value, codes, theme }) {
  const { n_heads: heads, n_layers: layers, rows, cols } = value;
  const tones = thumbTones(value.gamma);
  const code = (x, y) => {
    const at = Math.floor(y / rows) * heads + Math.floor(x / cols);
    return codes[(at * rows + (y % rows)) * cols + (x % cols)];
  };
  return toneImage(heads * cols, layers * rows, (x, y) => tones[code(x, y)], theme);
}

function paintHeadGrid(canvas, grid) {
  const { layout, theme } = grid;
  const context = crisp(canvas, layout.width, layout.height);
  const shown = grid.scores ? paintScores : paintThumbs;
  shown(context, grid);
  const focus = grid.focus();
  const outline = (at, color, width) => {
    const { x, y, side } = layout.box(...at);
    context.strokeStyle = color;
    context.lineWidth = width;
    context.strokeRect(x - width / 2, y - width / 2, side + width, side + width);
  };
  paintNumbers(context, grid, focus);
  if (focus && String(focus) !== String(grid.selected)) outline(focus, theme.ink, 1.5);
  if (grid.selected) outline(grid.selected, theme.accent, 2);
}

function paintThumbs(context, { value, layout, atlas }) {
  for (let layer = 0; layer < value.n_layers; layer += 1) {
    for (let head = 0; head < value.n_heads; head += 1) {
      const source = { x: head * value.cols, y: layer * value.rows, width: value.cols, height: value.rows };
      paintThumb(context, atlas, source, layout.box(layer, head));
    }
  }
}

// One number per head as tone, 0 to 1 on the ramp; a head the number does not apply to is a hairline.
function paintScores(context, { value, layout, theme, scores }) {
  for (let at = 0; at < value.n_layers * value.n_heads; at += 1) {
    const { x, y, side } = layout.box(Math.floor(at / value.n_heads), at % value.n_heads);
    const known = scores[at] !== undefined && scores[at] !== GRID_NO_NUMBER;
    context.fillStyle = known ? theme.ramp.css[Math.round((255 * scores[at]) / 100)] : "transparent";
    context.fillRect(x, y, side, side);
    context.strokeStyle = theme.line;
    context.lineWidth = 1;
    context.strokeRect(x + 0.5, y + 0.5, side - 1, side - 1);
  }
}

// All numbers where they fit, else every second, third ...; the head in focus always has its own.
function paintNumbers(context, { value, layout, theme }, focus) {
  const { cell, gap } = layout;
  context.font = `10px ${theme.mono}`;
  context.textBaseline = "middle";
  const every = (count, room) => shownNumbers(count, Math.max(1, Math.ceil(room / cell)));
  const write = (text, x, y, marked) => {
    context.fillStyle = marked ? theme.ink : theme.muted;
    context.font = `${marked ? "bold " : ""}10px ${theme.mono}`;
    context.fillText(text, x, y);
  };
  context.textAlign = "right";
  for (const layer of every(value.n_layers, 13)) write(`L${layer}`, GRID_LEFT - 6, (layer + 0.5) * cell - gap / 2, focus?.[0] === layer);
  context.textAlign = "center";
  const wide = 6.2 * `H${value.n_heads - 1}`.length + 4;
  for (const head of every(value.n_heads, wide)) {
    write(`H${head}`, GRID_LEFT + (head + 0.5) * cell - gap / 2, value.n_layers * cell + GRID_BELOW / 2 + 1, focus?.[1] === head);
  }
}

function shownNumbers(count, step) {
  return Array.from({ length: Math.ceil(count / step) }, (_, i) => i * step);
}

function showHead(readout, grid) {
  const focus = grid.focus();
  const note = focus ? headNote(grid, focus) : "";
  const opened = focus && String(focus) === String(grid.selected);
  readout.replaceChildren(
    make("span", `hl-head-name${opened ? " hl-chosen" : ""}`, focus ? headName(...focus) : ""),
    make("span", "hl-head-note", note || ""),
  );
}

// What the head is called or, while heads are colored by a number, that number.
function headNote({ value, scores }, [layer, head]) {
  const at = layer * value.n_heads + head;
  if (!scores) return value.notes[at];
  return scores.length && scores[at] !== GRID_NO_NUMBER ? (scores[at] / 100).toFixed(2) : "not applicable on this text";
}

function listenToHeadGrid(grid, dom) {
  const under = (event) => {
    if (!grid.layout) return null;
    const box = dom.canvas.getBoundingClientRect();
    const [head, layer] = [(event.clientX - box.left - GRID_LEFT) / grid.layout.cell, (event.clientY - box.top) / grid.layout.cell].map(Math.floor);
    const inside = head >= 0 && layer >= 0 && head < grid.value.n_heads && layer < grid.value.n_layers;
    return inside ? [layer, head] : null;
  };
  // A finger previews while it slides sideways and opens where it lifts (a tap is the shortest slide).
  dom.canvas.addEventListener("pointermove", (event) => grid.value && grid.hover(under(event)));
  dom.canvas.addEventListener("pointerleave", () => grid.hover(null));
  dom.canvas.addEventListener("click", (event) => grid.value && grid.pick(under(event)));
  dom.stage.addEventListener("keydown", (event) => {
    if (!grid.value || event.altKey || event.metaKey || event.ctrlKey) return;
    const [layer, head] = grid.cursor ?? grid.selected ?? [0, 0];
    const to = (l, h) => [clamp(l, 0, grid.value.n_layers - 1), clamp(h, 0, grid.value.n_heads - 1)];
    const moves = {
      ArrowUp: () => to(layer - 1, head), ArrowDown: () => to(layer + 1, head),
      ArrowLeft: () => to(layer, head - 1), ArrowRight: () => to(layer, head + 1),
      Home: () => to(layer, 0), End: () => to(layer, grid.value.n_heads - 1),
    };
    if (moves[event.key]) grid.move(moves[event.key]());
    else if (event.key === "Enter" || event.key === " ") grid.pick(grid.cursor ?? grid.selected);
    else if (event.key === "Escape") grid.move(null);
    else return;
    event.preventDefault();
  });
  dom.stage.addEventListener("blur", () => grid.move(null));
}

// A lab's figure: panels side by side with one focus for all. `read()` gives {value}; `emit('pick', {panel, query, key, box})`
// says what was clicked or chosen with Enter: zero-based positions or null, and a box's name in a flow. value.picks: that somebody
// listens.

const NO_FOCUS = { panel: null, query: null, key: null, cell: null, point: null, box: null };

// What a kind answers: show(value, width) draws, light(focus) marks, at(event) and move(focus, down, across) say where a
// pointer or an arrow key leads (null: nowhere), read(focus) gives the readout's parts, or hear(focus) what a step is heard as
// where there is none; say(value) and text(value) its words.
const LAB_KINDS = {}; // each panel_*.js adds its own

function mountLab(root, read, emit) {
  root.classList.add("hl-figure", "hl-lab");
  const { note, grid, caption, live } = labShell(root);
  const lab = sharedFocus(live, emit);

  function paint() {
    if (!root.clientWidth) return; // in a hidden tab; the size observer asks again
    lab.theme = labTheme(root, lab.theme);
    root.style.setProperty("--hl-tone", lab.theme.ramp.css[150]);
    const frames = [...lab.frames.values()];
    const widths = frames.map((frame) => frame.body.clientWidth); // all read before anything is written
    frames.forEach((frame, i) => {
      frame.width = widths[i];
      frame.view.show(frame.value, widths[i]);
      lightFrame(lab, frame);
    });
    stamp(root, caption.textContent);
  }

  function draw() {
    const value = read().value || { panels: [], caption: "", note: "" };
    note.textContent = value.note;
    caption.textContent = value.caption;
    const sizes = labSizes(lab);
    lab.picked = Boolean(value.picks);
    arrangeFrames(lab, grid, value.panels);
    if (labSizes(lab) !== sizes) lab.focus = NO_FOCUS; // another text: what was in focus may not be there
    paint();
    lab.frames.forEach((frame) => describeFrame(frame));
  }

  watchSurroundings(root, () => {
    lab.pen.forget();
    paint();
  });
  document.addEventListener("hl-language", () => root.isConnected && draw()); // names and sentences too
  // `frame` lets a test find a cell; pages need only `draw`.
  return { draw, frame: (id) => lab.frames.get(id) };
}

function labShell(root) {
  const note = make("p", "hl-lab-note");
  const grid = make("div", "hl-lab-grid");
  const caption = make("p", "hl-caption");
  const live = make("div", "hl-hidden");
  live.setAttribute("aria-live", "polite");
  root.replaceChildren(note, grid, caption, live);
  return { note, grid, caption, live };
}

// What the panels of one figure share: theme, pen, and the focus that each of them sets and all of them show.
function sharedFocus(live, emit) {
  const lab = { picked: false, theme: null, pen: makePen(), focus: NO_FOCUS, frames: new Map(), live };
  const light = oncePerFrame(() => lab.frames.forEach((frame) => lightFrame(lab, frame)));
  lab.hover = (frame, at) => {
    const focus = at ? { ...NO_FOCUS, ...at, panel: frame.id } : NO_FOCUS;
    if (JSON.stringify(focus) === JSON.stringify(lab.focus)) return;
    lab.focus = focus;
    light();
  };
  lab.pick = (frame, at) => {
    const whole = frame.value.picks; // a number when a click picks the panel, null when it picks nothing
    if (whole !== undefined) return whole === null || emit("pick", { panel: frame.id, query: null, key: null, box: whole });
    const box = at.box === null || at.box === undefined ? null : frame.value.boxes[at.box].name;
    return emit("pick", { panel: frame.id, query: at.query ?? null, key: at.key ?? null, box });
  };
  return lab;
}

// Panels that stay keep their nodes; the order is that of the value.
function arrangeFrames(lab, grid, panels) {
  const kept = new Map();
  for (const value of panels) {
    const before = lab.frames.get(value.id);
    const frame = before?.kind === value.kind ? before : labFrame(lab, value);
    frame.value = value;
    kept.set(value.id, frame);
    nameFrame(lab, frame);
  }
  lab.frames = kept;
  const sections = [...kept.values()].map((frame) => frame.section);
  if (sections.length !== grid.children.length || sections.some((section, i) => grid.children[i] !== section)) {
    grid.replaceChildren(...sections);
  }
}

function labSizes(lab) {
  return [...lab.frames.values()].map((frame) => `${frame.id}:${frame.view.size(frame.value)}`).join();
}

// The theme of draw.js, with the difference ramp and the roles that only labs draw.
function labTheme(root, last) {
  const theme = readTheme(root, last);
  const style = getComputedStyle(root);
  theme.value = style.getPropertyValue("--value").trim() || theme.ink;
  const stops = (style.getPropertyValue("--ramp-difference").trim() || theme.stops.join()).split(",");
  theme.signedStops = stops.map((stop) => stop.trim());
  theme.signed = last?.signed && last.colors === theme.colors ? last.signed : rampTable(theme.signedStops, theme.ink, theme.paper);
  return theme;
}

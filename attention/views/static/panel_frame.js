// What every panel of a lab has: its heading, its place for a picture, its readout, and the same numbers as text.

function labFrame(lab, { kind, id }) {
  const section = make("section", "hl-panel");
  section.dataset.panel = id;
  section.dataset.kind = kind;
  const head = make("div", "hl-panel-head");
  const title = make("div", "hl-panel-title");
  const aside = make("div", "hl-panel-aside");
  const body = make("div", "hl-panel-body");
  const foot = make("div", "hl-panel-foot");
  const readout = make("div", "hl-panel-readout");
  const text = make("div", "hl-hidden");
  head.append(title, aside);
  foot.append(readout);
  section.append(head, body, foot, text);
  const frame = { id, kind, section, head, title, aside, body, foot, readout, text, value: null, width: 0 };
  frame.view = LAB_KINDS[kind](lab, frame);
  if (!frame.view.read) readout.remove();
  if (frame.view.at) listenToFrame(lab, frame);
  return frame;
}

function nameFrame(lab, frame) {
  const { section, title, aside, head, body, value, view } = frame;
  section.style.setProperty("--hl-span", value.span);
  section.style.setProperty("--hl-half", value.small ? value.span : value.span > 6 ? 12 : 6);
  section.classList.toggle("hl-small", Boolean(value.small)); // before widths are read: small ones stand two by two on a phone
  title.textContent = value.title;
  aside.textContent = value.aside;
  head.hidden = !value.title && !value.aside;
  const moves = view.move?.(NO_FOCUS, 1, 0);
  body.setAttribute("role", moves ? "application" : frame.kind === "table" ? "group" : "img"); // nothing in an img is heard
  if (moves) body.tabIndex = 0;
  else body.removeAttribute("tabindex");
  const keys = moves ? ` Arrow keys move${lab.picked && picksHere(frame) ? ", Enter picks" : ""}, Escape lets go.` : "";
  body.setAttribute("aria-label", `${value.title ? `${value.title}: ` : ""}${view.say(value)}.${keys}`);
}

// Whether a click or Enter leads anywhere: to the whole panel, or to the row or column of one that shares the figure's tokens.
function picksHere({ kind, value }) {
  if (value.picks !== undefined) return value.picks !== null;
  if (kind === "curves" || kind === "flow") return false;
  return kind === "matrix" ? value.linked.some(Boolean) : Boolean(value.linked);
}

function listenToFrame(lab, frame) {
  const { body, view } = frame;
  body.addEventListener("pointermove", (event) => event.pointerType !== "touch" && lab.hover(frame, view.at(event)));
  body.addEventListener("pointerleave", (event) => event.pointerType !== "touch" && lab.hover(frame, null));
  body.addEventListener("click", (event) => {
    const at = view.at(event);
    lab.hover(frame, at);
    if (at && frame.kind !== "curves") lab.pick(frame, at);
  });
  body.addEventListener("keydown", (event) => {
    if (event.target !== body || event.altKey || event.metaKey || event.ctrlKey) return;
    const step = {
      ArrowDown: [1, 0], ArrowUp: [-1, 0], ArrowRight: [0, 1], ArrowLeft: [0, -1], Home: [-Infinity, 0], End: [Infinity, 0],
    }[event.key];
    if (step) {
      lab.hover(frame, view.move(lab.focus, ...step));
      lab.live.textContent = view.read ? view.read(lab.focus).map((part) => part.text).join(" ") : view.hear(lab.focus);
    } else if (event.key === "Escape") lab.hover(frame, null);
    else if (event.key === "Enter" && lab.focus.panel === frame.id) lab.pick(frame, lab.focus);
    else return;
    event.preventDefault();
  });
  body.addEventListener("blur", () => lab.focus.panel === frame.id && !body.matches(":hover") && lab.hover(frame, null));
}

function lightFrame(lab, frame) {
  frame.view.light?.(lab.focus);
  if (!frame.view.read) return;
  const parts = frame.view.read(lab.focus);
  frame.readout.replaceChildren(...parts.map(({ text, role = "", own = false }) => (own ? verbatim : (node) => node)(make("bdi", role && `hl-role-${role}`, text))));
}

// Said once, by the first panel that can be read.
function labHint(lab, frame) {
  const first = [...lab.frames.values()].find((other) => other.view.read && !other.value.small);
  if (first !== frame) return [];
  return [{ text: matchMedia("(hover: hover)").matches ? "Point at a picture to read it." : "Tap a picture to read it.", role: "muted" }];
}

// The token in focus in a panel with one axis of them; null where there is none, or where this panel has fewer.
function tokenInFocus(frame, focus, count) {
  const i = frame.value.linked ? focus[frame.value.linked] : focus.panel === frame.id ? focus.point : null;
  return i !== null && i !== undefined && i < count ? i : null;
}

function focusOnToken(frame, i) {
  return frame.value.linked ? { [frame.value.linked]: i } : { point: i };
}

// The index a step leads to in a list; from nowhere to its first entry.
function steppedTo(index, by, count) {
  return index === null || index === undefined ? 0 : clamp(index + by, 0, count - 1);
}

// The numbers as a table nobody sees, or a sentence; in idle time, because no eye waits for it.
function describeFrame(frame) {
  if (frame.describing) return;
  frame.describing = true;
  const fill = () => {
    frame.describing = false;
    const said = frame.view.text(frame.value);
    if (typeof said === "string") frame.text.textContent = said;
    else frame.text.replaceChildren(...(said ? [tableOf(said.head, said.rows, frame.value.title)] : []));
  };
  (window.requestIdleCallback || setTimeout)(fill);
}

function tableOf(head, rows, caption = "") {
  const table = make("table");
  if (caption) table.append(make("caption", "", caption));
  const line = (cells, tag) => {
    const row = make("tr");
    row.append(...cells.map((cell, i) => make(i === 0 && tag === "td" ? "th" : tag, "", cell)));
    return row;
  };
  const top = make("thead");
  top.append(line(head, "th"));
  const body = make("tbody");
  body.append(...rows.map((cells) => line(cells, "td")));
  table.append(top, body);
  return table;
}

// As many children as asked for: those that stay keep their nodes.
function fillRows(list, count, row) {
  while (list.children.length > count) list.lastChild.remove();
  while (list.children.length < count) list.append(row());
  list.classList.toggle("hl-dense", count > 16);
}

// JSON has no NaN and no infinities: null, "inf" and "-inf" stand for them.
function plainNumber(value) {
  return value === null ? NaN : value === "inf" ? Infinity : value === "-inf" ? -Infinity : value;
}

// A number as people read it: a real minus sign, no "-0.00", powers of ten where the digits would say nothing.
function sayNumber(value, digits = 2) {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  const small = value !== 0 && Math.abs(value) < 0.5 * 10 ** -digits;
  if (Math.abs(value) >= 1e6) return value.toExponential(1).replace("e+", "e").replace("-", "−");
  return (small ? 0 : value).toFixed(digits).replace("-", "−");
}

// For axes and color bars: as few digits as say it.
function sayTick(value) {
  if (value === 0) return "0";
  if (Math.abs(value) >= 1e5 || Math.abs(value) < 1e-3) return value.toExponential(0).replace("e+", "e").replaceAll("-", "−");
  return String(Number(value.toPrecision(3))).replace("-", "−");
}

const TEXT_TO = 24; // rows and columns up to which a matrix is also a hidden table
const SVG_SPACE = "http://www.w3.org/2000/svg";

function svgMark(tag, attributes = {}, text = "") {
  const node = document.createElementNS(SVG_SPACE, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  if (text) node.textContent = text;
  return node;
}

// The next of 1, 1.5, 2, 3, 4, 5, 8 times a power of ten, so that an axis keeps its end while values move a little.
function roundedUp(size) {
  const power = 10 ** Math.floor(Math.log10(size));
  return [1, 1.5, 2, 3, 4, 5, 8, 10].find((step) => step * power >= size * 0.999) * power;
}

function arrowHead([x, y], [dx, dy], name = "hl-arrow-head", long = 7) {
  const [bx, by] = [x - long * dx, y - long * dy];
  return svgMark("path", { d: `M${x} ${y}L${bx - (long / 2) * dy} ${by + (long / 2) * dx}L${bx + (long / 2) * dy} ${by - (long / 2) * dx}Z`, class: name });
}

// Round numbers between two ends, about `wanted` of them; powers of ten on a logarithmic axis.
function roundTicks(low, high, wanted, log = false) {
  if (log) {
    const [from, to] = [Math.ceil(Math.log10(low) - 1e-9), Math.floor(Math.log10(high) + 1e-9)];
    const step = Math.max(1, Math.ceil((to - from) / wanted));
    const tens = [];
    for (let at = from; at <= to; at += step) tens.push(10 ** at);
    return tens.length > 1 ? tens : [low, high];
  }
  const rough = (high - low) / Math.max(1, wanted);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((part) => part * power).find((size) => size >= rough * 0.999);
  const ticks = [];
  for (let at = Math.ceil(low / step - 1e-9); at * step <= high + 1e-9 * step; at += 1) ticks.push(at * step);
  return ticks;
}

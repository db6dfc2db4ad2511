// The same weights as lines between two columns of tokens, for short texts.

const SVG = "http://www.w3.org/2000/svg";
const FAINTEST = 0.01; // weights below are not drawn as lines; they are still listed beside the tokens

function drawing(tag, attributes, text = "") {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  if (text) node.textContent = text;
  return node;
}

function arcsView(figure) {
  const node = drawing("svg", { class: "hl-arcs", "aria-hidden": "true" });
  const view = { node, lines: [], queries: [], keys: [], made: null };
  const side = (event) => {
    const target = event.target.closest("[data-side]");
    if (!target) return null;
    const index = Number(target.dataset.index);
    return target.dataset.side === "query" ? { q: index, k: null } : { q: null, k: index };
  };
  node.addEventListener("pointermove", (event) => event.pointerType !== "touch" && figure.hover(side(event)));
  node.addEventListener("pointerleave", (event) => event.pointerType !== "touch" && figure.leave());
  node.addEventListener("click", (event) => {
    const at = side(event);
    figure.hover(at);
    if (at && at.q !== null) figure.pin(at.q);
  });
  view.reveal = () => {};
  view.refresh = () => { view.made = null; };
  view.paint = (width) => {
    if (view.made !== width) buildArcs(figure, view, width);
    view.made = width;
    lightArcs(figure, view);
  };
  return view;
}

function arcsLayout(figure, width) {
  const { model, pen, theme } = figure;
  const font = `12px ${theme.mono}`;
  const full = Math.min(width, 560);
  const widest = Math.max(...[...model.queries.texts, ...model.keys.texts].map((text) => pen.width(text, font)));
  const labels = Math.min(widest, full * 0.24);
  const most = Math.max(model.rows, model.cols);
  // As tall as the matrix where that is legible, so that switching moves nothing below.
  const matrix = heatmapLayout(model, pen, theme, width, 1).height;
  const step = clamp((matrix - 28) / most, 17, 32);
  const numbers = 46;
  return {
    font, labels, step, full, height: 28 + most * step,
    // Where a side's lines begin, and which way its words run from there: what looks stands where reading starts.
    side: (name) => ((name === "query") !== model.mirrored ? { x: numbers + labels + 8, out: -1, anchor: "end", edge: 0 } : { x: full - numbers - labels - 8, out: 1, anchor: "start", edge: full }),
    y: (index) => 28 + (index + 0.5) * step,
  };
}

function buildArcs(figure, view, width) {
  const { model, theme } = figure;
  const layout = arcsLayout(figure, width);
  const { node } = view;
  node.replaceChildren();
  node.setAttribute("width", layout.full);
  node.setAttribute("height", layout.height);
  const [from, to] = [layout.side("query"), layout.side("key")];
  for (const [side, name, text] of [[from, "query", "looking: query"], [to, "key", "looked at: key"]]) {
    node.append(drawing("text", { x: side.x + 8 * side.out, y: 12, class: `hl-axis hl-${name}`, "text-anchor": side.anchor }, text));
  }
  view.lines = [];
  const middle = (from.x + to.x) / 2;
  for (let q = 0; q < model.rows; q += 1) {
    for (let k = 0; k < model.cols; k += 1) {
      const weight = model.blocked(q, k) ? 0 : model.at(q, k);
      if (weight < FAINTEST) continue;
      const [y, z] = [layout.y(q), layout.y(k)];
      const path = drawing("path", {
        d: `M${from.x} ${y}C${middle} ${y} ${middle} ${z} ${to.x} ${z}`,
        stroke: theme.stops[theme.stops.length - 1],
        "stroke-width": (0.5 + 4 * weight).toFixed(2),
        "stroke-opacity": (0.9 * model.tone(q, k) ** 1.5).toFixed(3),
        fill: "none",
      });
      view.lines.push({ q, k, path });
      node.append(path);
    }
  }
  view.queries = model.queries.texts.map((text, i) => arcToken(figure, view, layout, "query", i, text));
  view.keys = model.keys.texts.map((text, i) => arcToken(figure, view, layout, "key", i, text));
}

// A token, the number beside it, and a wide invisible target for pointer and finger.
function arcToken(figure, view, layout, side, index, text) {
  const { pen, model } = figure;
  const labels = side === "query" ? model.queries : model.keys;
  const { x, out, anchor, edge } = layout.side(side);
  const y = layout.y(index);
  const group = drawing("g", { "data-side": side, "data-index": index, class: `hl-arc-token${labels.special(index) ? " hl-special" : ""}` });
  const word = drawing("text", { x: x + 8 * out, y, dy: "0.35em", "text-anchor": anchor });
  verbatim(word).textContent = isolated(pen.fit(text, layout.font, layout.labels));
  const number = drawing("text", { x: edge, y, dy: "0.35em", class: "hl-arc-number", "text-anchor": out < 0 ? "start" : "end" });
  const target = drawing("rect", { x: Math.min(x, edge), y: y - layout.step / 2, width: Math.abs(x - edge), height: layout.step, class: "hl-target" });
  const wide = pen.width(word.textContent, layout.font) + 10;
  const ring = { x: out < 0 ? x - 4 - wide : x + 3, y: y - layout.step / 2 + 1, width: wide + 2, height: layout.step - 2, class: "hl-ring" };
  group.append(target, drawing("rect", ring), word, number);
  view.node.append(group);
  return { group, number };
}

// Shows only the lines of the token in focus, with their values beside the tokens at the other end.
function lightArcs(figure, view) {
  const { model } = figure;
  const focus = figure.focus();
  const chosen = (q, k) => !focus || ((focus.q === null || focus.q === q) && (focus.k === null || focus.k === k));
  for (const { q, k, path } of view.lines) path.classList.toggle("hl-away", !chosen(q, k));
  view.queries.forEach(({ group, number }, q) => {
    group.classList.toggle("hl-on", focus?.q === q);
    group.classList.toggle("hl-kept", figure.pinned === q);
    const shown = focus && focus.q === null && !model.blocked(q, focus.k) && model.at(q, focus.k) >= 0.005;
    number.textContent = shown ? model.say(model.at(q, focus.k)) : "";
  });
  view.keys.forEach(({ group, number }, k) => {
    group.classList.toggle("hl-on", focus?.k === k);
    const shown = focus && focus.q !== null && !model.blocked(focus.q, k) && model.at(focus.q, k) >= 0.005;
    number.textContent = shown ? model.say(model.at(focus.q, k)) : "";
  });
}

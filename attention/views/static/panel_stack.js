// A weighted sum: each token's share stacked per dimension, positive up and negative down, and the output as a line.

const STACK_HEIGHT = 232;

LAB_KINDS.stack = labStack;

function labStack(lab, frame) {
  const svg = svgMark("svg", { class: "hl-plot", "aria-hidden": "true" });
  const chips = make("div", "hl-chips");
  frame.body.append(svg, chips);
  const view = { model: null };
  const count = () => frame.value.labels.texts.length;
  const own = (focus) => tokenInFocus(frame, focus, count());
  return {
    size: (value) => `${value.values.rows}x${value.values.cols}`,
    show(value, width) {
      view.model = stackModel(value);
      drawStack(svg, lab, value, view.model, width);
      chips.classList.toggle("hl-mirrored", value.mirrored);
      showChips(chips, value);
    },
    light(focus) {
      const lit = own(focus);
      frame.body.classList.toggle("hl-lighting", lit !== null);
      for (const node of frame.body.querySelectorAll("[data-token]")) node.classList.toggle("hl-lit", Number(node.dataset.token) === lit);
    },
    at: (event) => {
      const node = event.target.closest("[data-token]");
      return node ? focusOnToken(frame, Number(node.dataset.token)) : null;
    },
    move: (focus, down, across) => focusOnToken(frame, steppedTo(own(focus), down + across, count())),
    read(focus) {
      const i = own(focus);
      if (i === null) return labHint(lab, frame);
      const parts = Array.from({ length: view.model.dims }, (_, d) => sayNumber(view.model.at(i, d)));
      return [{ text: frame.value.labels.texts[i], role: frame.value.linked || "ink" }, { text: "adds", role: "muted" }, { text: parts.join(" "), role: "ink" }];
    },
    say: (value) => `${value.labels.texts.length} tokens, ${value.output.length} dimensions; output ${value.output.slice(0, 8).map((one) => sayNumber(one)).join(", ")}${value.output.length > 8 ? " and so on" : ""}`,
    text: textOfStack,
  };
}

function textOfStack(value) {
  const model = stackModel(value);
  const output = value.output.map((one) => sayNumber(one));
  if (Math.max(model.dims, value.labels.texts.length) > TEXT_TO) return `${value.title}: output ${output.join(", ")}.`;
  const dims = value.output.map((_, d) => d);
  return {
    head: ["token / dimension", ...dims.map(String)],
    rows: [...value.labels.texts.map((text, i) => [text, ...dims.map((d) => sayNumber(model.at(i, d)))]), ["output", ...output]],
  };
}

// Which color is whose.
function showChips(chips, value) {
  fillRows(chips, value.labels.texts.length, () => {
    const chip = make("span", "hl-chip");
    chip.append(make("span", "hl-swatch"), verbatim(make("bdi")));
    return chip;
  });
  value.labels.texts.forEach((text, i) => {
    chips.children[i].dataset.token = i;
    chips.children[i].firstChild.style.backgroundColor = value.colors[i];
    chips.children[i].lastChild.textContent = text;
  });
}

// Where each part starts and ends: positive parts pile up from zero, negative ones down.
function stackModel(value) {
  const { at, rows, cols } = parseMatrix({ ...value, empty_rows: [] });
  const parts = [];
  let reach = Math.max(1e-9, ...value.output.map(Math.abs));
  for (let d = 0; d < cols; d += 1) {
    let [up, down] = [0, 0];
    for (let i = 0; i < rows; i += 1) {
      const size = at(i, d);
      const from = size >= 0 ? up : down;
      if (size >= 0) up += size;
      else down += size;
      parts.push({ i, d, from, to: from + size });
    }
    reach = Math.max(reach, up, -down);
  }
  return { at, parts, dims: cols, reach: value.largest ?? roundedUp(reach) };
}

function drawStack(svg, lab, value, model, width) {
  const [top, bottom] = [18, STACK_HEIGHT - 34];
  const ticks = [-model.reach, 0, model.reach];
  const left = Math.ceil(Math.max(...ticks.map((at) => lab.pen.width(sayTick(at), `11px ${lab.theme.mono}`)))) + 9;
  const down = (at) => (top + bottom) / 2 - ((bottom - top) / 2) * clamp(at / model.reach, -1, 1);
  const step = (width - left - 2) / model.dims;
  const bar = Math.max(1, step - clamp(step * 0.22, 1, 10));
  const x = (d) => left + d * step + (step - bar) / 2;
  for (const [name, size] of [["width", width], ["height", STACK_HEIGHT]]) svg.setAttribute(name, size);
  const axes = ticks.flatMap((at) => {
    const y = Math.round(down(at)) + 0.5;
    return [svgMark("line", { x1: left, x2: width, y1: y, y2: y, class: at ? "hl-grid" : "hl-base" }), svgMark("text", { x: left - 7, y, dy: "0.35em", class: "hl-tick-text", "text-anchor": "end" }, sayTick(at))];
  });
  const parts = model.parts.map(({ i, d, from, to }) => svgMark("rect", {
    "data-token": i, class: "hl-part-of", x: x(d), width: bar, y: down(Math.max(from, to)), height: Math.abs(down(to) - down(from)), fill: value.colors[i],
  }));
  const outputs = value.output.map((at, d) => svgMark("line", { class: "hl-output", x1: x(d) - 2, x2: x(d) + bar + 2, y1: down(at), y2: down(at) }));
  const halos = value.output.map((at, d) => svgMark("line", { class: "hl-output-halo", x1: x(d) - 2, x2: x(d) + bar + 2, y1: down(at), y2: down(at) }));
  const every = Math.ceil(24 / step);
  const names = value.output.map((_, d) => d).filter((d) => d % every === 0).map((d) => svgMark("text", { x: x(d) + bar / 2, y: bottom + 15, class: "hl-tick-text", "text-anchor": "middle" }, String(d)));
  names.push(svgMark("text", { x: (left + width) / 2, y: STACK_HEIGHT - 4, class: "hl-axis-text", "text-anchor": "middle" }, "dimension"));
  names.push(svgMark("line", { x1: width - 58, x2: width - 44, y1: 6, y2: 6, class: "hl-output" }), svgMark("text", { x: width - 38, y: 6, dy: "0.35em", class: "hl-axis-text" }, "output"));
  svg.replaceChildren(...axes, ...parts, ...halos, ...outputs, ...names);
}

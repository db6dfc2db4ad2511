// Boxes on a grid, arrows between them, frames around them.

const FLOW_NARROW = 100; // pixels per column below which rows and columns change places

LAB_KINDS.flow = labFlow;

function labFlow(lab, frame) {
  const svg = svgMark("svg", { class: "hl-plot", "aria-hidden": "true" });
  frame.body.append(svg);
  const own = (focus) => (focus.panel === frame.id ? focus.box : null);
  const index = (name) => frame.value.boxes.findIndex((box) => box.name === name);
  return {
    size: (value) => value.boxes.map((box) => box.name).join("/"),
    show: (value, width) => drawFlow(svg, lab, value, flowLayout(lab, value, width)),
    light(focus) {
      const lit = own(focus);
      for (const node of svg.querySelectorAll(".hl-box")) node.classList.toggle("hl-lit", Number(node.dataset.box) === lit);
      for (const node of svg.querySelectorAll(".hl-arrow")) {
        node.classList.toggle("hl-lit", lit !== null && [node.dataset.start, node.dataset.end].some((name) => index(name) === lit));
      }
    },
    at(event) {
      const node = event.target.closest(".hl-box");
      return node ? { box: Number(node.dataset.box) } : null;
    },
    move: (focus, down, across) => ({ box: steppedTo(own(focus), down + across, frame.value.boxes.length) }),
    read(focus) {
      const box = frame.value.boxes[own(focus) ?? index(frame.value.selected)];
      if (!box) return labHint(lab, frame);
      return [{ text: box.label, role: box.role || "ink" }, ...[box.shape, box.number].filter(Boolean).map((text) => ({ text, role: "number" }))];
    },
    say: (value) => `${value.boxes.length} boxes: ${value.boxes.map((box) => [box.label, box.shape, box.number].filter(Boolean).map(worded).join(" ")).join("; ")}`,
    text: (value) => ({
      head: ["box", "shape", "number", "leads to"],
      rows: value.boxes.map((box) => [box.label, box.shape, box.number, value.arrows.filter((arrow) => arrow.start === box.name).map((arrow) => value.boxes[index(arrow.end)].label).join(", ")]),
    }),
  };
}

function flowLayout(lab, value, width) {
  const extent = (name) => {
    const places = value.boxes.map((box) => box[name]);
    return { from: Math.min(...places), count: Math.max(...places) - Math.min(...places) + 1 };
  };
  const [columns, rows] = [extent("column"), extent("row")];
  const turned = width / columns.count < FLOW_NARROW && rows.count < columns.count;
  const [across, down] = turned ? [rows, columns] : [columns, rows];
  const upright = down.count >= across.count;
  const side = (which) => (value.arrows.some((arrow) => arrow.around === which) ? 34 : 0);
  const edge = value.groups.length ? 14 : 2;
  const pad = upright ? { left: side("before") + edge, right: side("after") + edge, top: 2, bottom: 4 } : { left: edge, right: edge, top: side("before") + 2, bottom: side("after") + 4 };
  if (value.groups.length) Object.assign(pad, { top: pad.top + 26, bottom: pad.bottom + 14 });
  const inside = width - pad.left - pad.right;
  const gap = across.count > 1 ? clamp((inside / across.count) * 0.22, 12, 44) : 0;
  const wide = Math.min(188, (inside - gap * (across.count - 1)) / across.count);
  const lines = 1 + ["shape", "number"].filter((name) => value.boxes.some((box) => box[name])).length;
  const high = 14 + 16 * lines;
  const step = high + (upright ? 30 : 22) + (value.groups.length && upright ? 16 : 0);
  const spread = across.count > 1 ? (inside - wide) / (across.count - 1) : 0;
  const closer = Math.min(spread, wide + 72);
  const shift = (inside - wide - closer * (across.count - 1)) / 2;
  const place = (box) => {
    const [c, r] = turned ? [box.row - rows.from, box.column - columns.from] : [box.column - columns.from, box.row - rows.from];
    return { x: pad.left + shift + c * closer, y: pad.top + r * step, c, r };
  };
  return { width, wide, high, upright, height: pad.top + (down.count - 1) * step + high + pad.bottom, places: new Map(value.boxes.map((box) => [box.name, place(box)])) };
}

function drawFlow(svg, lab, value, layout) {
  for (const [name, size] of [["width", layout.width], ["height", layout.height]]) svg.setAttribute(name, size);
  const frames = value.groups.map((group) => flowGroup(group, layout));
  svg.replaceChildren(
    ...frames.map(([around]) => around),
    ...value.arrows.flatMap((arrow) => flowArrow(arrow, layout)),
    ...frames.map(([, label]) => label),
    ...value.boxes.map((box, i) => flowBox(box, i, value.selected === box.name, layout, lab)),
  );
}

function flowBox(box, i, selected, { places, wide, high }, lab) {
  const { x, y } = places.get(box.name);
  const node = svgMark("g", { class: `hl-box${selected ? " hl-chosen" : ""}`, "data-box": i });
  node.append(svgMark("rect", { x: x + 0.5, y: y + 0.5, width: wide - 1, height: high - 1, rx: 4, class: "hl-box-frame" }));
  if (box.role) node.append(svgMark("rect", { x: x + 1, y: y + 6, width: 3, height: high - 12, class: `hl-role-edge hl-fill-${box.role}` }));
  const lines = [[worded(box.label), "hl-box-label", `12px ${lab.theme.sans}`], [worded(box.shape), "hl-box-shape", `11px ${lab.theme.mono}`], [box.number, "hl-box-number", `12px ${lab.theme.mono}`]].filter(([text]) => text);
  const top = y + (high - 16 * lines.length) / 2 + 12;
  lines.forEach(([text, name, font], line) => {
    node.append(svgMark("text", { x: x + wide / 2, y: top + 16 * line, class: name, "text-anchor": "middle" }, isolated(lab.pen.fit(text, font, wide - 10))));
  });
  node.append(svgMark("title", {}, [worded(box.label), worded(box.shape), box.number].filter(Boolean).join(", ")));
  return node;
}

function flowGroup(group, { places, wide, high }) {
  const inside = group.boxes.map((name) => places.get(name));
  const [left, top] = [Math.min(...inside.map((at) => at.x)) - 12, Math.min(...inside.map((at) => at.y)) - 24];
  const [right, bottom] = [Math.max(...inside.map((at) => at.x)) + wide + 12, Math.max(...inside.map((at) => at.y)) + high + 12];
  return [
    svgMark("rect", { x: left, y: top, width: right - left, height: bottom - top, rx: 8, class: "hl-group" }),
    svgMark("text", { x: left + 12, y: top + 16, class: "hl-axis-text hl-halo" }, group.label),
  ];
}

function flowArrow(arrow, layout) {
  const path = arrow.around ? aroundPath(arrow, layout) : directPath(arrow, layout);
  const line = svgMark("path", { d: path.d, class: "hl-arrow", "data-start": arrow.start, "data-end": arrow.end });
  const parts = [line, arrowHead(path.tip, path.way)];
  const [x, y] = path.middle;
  const turn = path.standing ? { transform: `rotate(-90 ${x} ${y})` } : {};
  if (arrow.label) parts.push(svgMark("text", { x, y, dy: "0.35em", class: "hl-axis-text hl-halo", "text-anchor": path.anchor || "middle", ...turn }, arrow.label));
  return parts;
}

// From side to side; the curve leaves and arrives straight.
function directPath({ start, end }, { places, wide, high, upright }) {
  const [from, to] = [places.get(start), places.get(end)];
  const down = upright ? to.r !== from.r : to.c === from.c;
  const sign = Math.sign(down ? to.y - from.y : to.x - from.x) || 1;
  const [x1, y1] = down ? [from.x + wide / 2, from.y + (sign > 0 ? high : 0)] : [from.x + (sign > 0 ? wide : 0), from.y + high / 2];
  const [x2, y2] = down ? [to.x + wide / 2, to.y + (sign > 0 ? 0 : high)] : [to.x + (sign > 0 ? 0 : wide), to.y + high / 2];
  const [tx, ty] = down ? [x2, y2 - 5 * sign] : [x2 - 5 * sign, y2];
  const bend = down ? [x1, (y1 + ty) / 2, x2, (y1 + ty) / 2] : [(x1 + tx) / 2, y1, (x1 + tx) / 2, y2];
  return { d: `M${x1} ${y1}C${bend.join(" ")} ${tx} ${ty}`, tip: [x2, y2], way: down ? [0, sign] : [sign, 0], middle: [(x1 + x2) / 2 + (down ? 8 : 0), (y1 + y2) / 2 - (down ? 0 : 9)], anchor: down && x1 === x2 ? "start" : "middle" };
}

// Out of one box's side, along all that is between, and into the other's.
function aroundPath({ start, end, around }, { places, wide, high, upright }) {
  const [from, to] = [places.get(start), places.get(end)];
  const before = around === "before";
  const all = [...places.values()];
  const out = before ? -1 : 1;
  const r = 8;
  if (upright) {
    const [x1, x2] = [from.x + (before ? 0 : wide), to.x + (before ? 0 : wide)];
    const far = before ? Math.min(...all.map((at) => at.x)) - 24 : Math.max(...all.map((at) => at.x)) + wide + 24;
    const [y1, y2] = [from.y + high / 2, to.y + high / 2];
    const s = Math.sign(y2 - y1) || 1;
    return { d: `M${x1} ${y1}H${far - r * out}Q${far} ${y1} ${far} ${y1 + r * s}V${y2 - r * s}Q${far} ${y2} ${far - r * out} ${y2}H${x2 + 5 * out}`, tip: [x2, y2], way: [-out, 0], middle: [far, (y1 + y2) / 2], standing: true };
  }
  const [y1, y2] = [from.y + (before ? 0 : high), to.y + (before ? 0 : high)];
  const far = before ? Math.min(...all.map((at) => at.y)) - 28 : Math.max(...all.map((at) => at.y)) + high + 28;
  const [x1, x2] = [from.x + wide / 2, to.x + wide / 2];
  const s = Math.sign(x2 - x1) || 1;
  return { d: `M${x1} ${y1}V${far - r * out}Q${x1} ${far} ${x1 + r * s} ${far}H${x2 - r * s}Q${x2} ${far} ${x2} ${far - r * out}V${y2 + 5 * out}`, tip: [x2, y2], way: [0, -out], middle: [(x1 + x2) / 2, far] };
}

// Nodes in places, weighted edges between them, and arrows from point to point.

LAB_KINDS.graph = labGraph;

function labGraph(lab, frame) {
  const svg = svgMark("svg", { class: "hl-plot", "aria-hidden": "true" });
  frame.body.append(svg);
  const own = (focus) => tokenInFocus(frame, focus, frame.value.nodes.length);
  const leading = (i) => frame.value.edges.filter((edge) => edge[0] === i).sort((one, other) => other[2] - one[2]);
  return {
    size: (value) => `${value.nodes.length}/${value.vectors.length}`,
    show: (value, width) => drawGraph(svg, lab, value, graphLayout(lab, value, width)),
    light(focus) {
      const lit = own(focus);
      frame.body.classList.toggle("hl-lighting", lit !== null);
      for (const node of svg.querySelectorAll(".hl-node")) node.classList.toggle("hl-lit", Number(node.dataset.node) === lit);
      for (const node of svg.querySelectorAll(".hl-edge")) node.classList.toggle("hl-lit", [node.dataset.start, node.dataset.end].includes(String(lit)));
    },
    at(event) {
      const node = event.target.closest(".hl-node");
      return node ? focusOnToken(frame, Number(node.dataset.node)) : null;
    },
    move: (focus, down, across) => (frame.value.nodes.length ? focusOnToken(frame, steppedTo(own(focus), down + across, frame.value.nodes.length)) : null),
    read(focus) {
      if (!frame.value.nodes.length) return [];
      const i = own(focus);
      if (i === null) return labHint(lab, frame);
      const ends = leading(i).slice(0, 3).map(([, to, weight]) => ({ text: `${frame.value.nodes[to].label} ${sayNumber(weight)}`, role: "ink", own: true }));
      return [{ text: frame.value.nodes[i].label, role: frame.value.linked || "ink", own: true }, { text: ends.length ? "leads to" : "leads nowhere", role: "muted" }, ...ends];
    },
    say: (value) => [value.nodes.length ? `${value.nodes.length} nodes, ${value.edges.length} edges` : "", ...value.vectors.map((one) => `${one.label} from ${one.start.map(sayTick).join(", ")} to ${one.end.map(sayTick).join(", ")}`)].filter(Boolean).join("; "),
    text(value) {
      if (value.edges.length > 200) return `${value.nodes.length} nodes, ${value.edges.length} edges.`;
      const edges = value.edges.map(([from, to, weight]) => [value.nodes[from].label, value.nodes[to].label, sayNumber(weight)]);
      return { head: ["from", "to", "weight"], rows: [...edges, ...value.vectors.map((one) => [`${one.label} ${one.start.map(sayTick)}`, one.end.map(sayTick).join(), ""])] };
    },
  };
}

// Nodes above one another have their words beside them, others below.
function graphLayout(lab, value, width) {
  const font = `12px ${lab.theme.mono}`;
  const beside = value.nodes.map((node) => value.nodes.some((other) => other !== node && Math.abs(other.at[0] - node.at[0]) < 0.01));
  const words = value.nodes.filter((_, i) => beside[i]).map((node) => lab.pen.width(node.label, font));
  const room = Math.min(Math.max(0, ...words), width * 0.26);
  const pad = { x: words.length ? room + 22 : 30, top: 24, bottom: 30 };
  const height = clamp(width * value.height, 90, 460);
  return {
    width, height, font, beside, room: words.length ? room : Math.max(36, width / Math.max(1, value.nodes.length)),
    across: (x) => (value.mirrored ? 1 - x : x),
    place: ([x, y]) => [pad.x + (value.mirrored ? 1 - x : x) * (width - 2 * pad.x), pad.top + (1 - y) * (height - pad.top - pad.bottom)],
  };
}

function drawGraph(svg, lab, value, layout) {
  for (const [name, size] of [["width", layout.width], ["height", layout.height]]) svg.setAttribute(name, size);
  const edges = [...value.edges].sort((one, other) => one[2] - other[2]);
  svg.replaceChildren(
    ...edges.flatMap((edge) => graphEdge(edge, value, layout, lab)),
    ...value.vectors.flatMap((one) => graphVector(one, layout)),
    ...value.nodes.map((node, i) => graphNode(node, i, value.selected === i, layout, lab)),
  );
}

function graphNode(node, i, selected, layout, lab) {
  const [x, y] = layout.place(node.at);
  const group = svgMark("g", { class: `hl-node${selected ? " hl-chosen" : ""}`, "data-node": i });
  const right = layout.beside[i] && layout.across(node.at[0]) >= 0.5;
  const text = layout.beside[i] ? { class: "hl-halo", x: x + (right ? 13 : -13), y, dy: "0.35em", "text-anchor": right ? "start" : "end" } : { class: "hl-halo", x, y: y + 23, "text-anchor": "middle" };
  group.append(
    svgMark("circle", { cx: x, cy: y, r: 16, fill: "transparent", style: "stroke:none" }),
    svgMark("circle", { cx: x, cy: y, r: 6, class: `hl-fill-${node.role}` }),
    svgMark("text", text, isolated(lab.pen.fit(node.label, layout.font, layout.room))),
  );
  return group;
}

function graphEdge([from, to, weight], value, layout, lab) {
  const [start, end] = [layout.place(value.nodes[from].at), layout.place(value.nodes[to].at)];
  const color = lab.theme.ramp.css[Math.round(70 + 185 * Math.sqrt(weight))];
  const attributes = { class: "hl-edge", "data-start": from, "data-end": to, stroke: color, "stroke-width": (0.75 + 2.25 * weight).toFixed(2) };
  const { d, tip, way } = from === to ? loopPath(start) : edgePath(from, to, start, end, value);
  const parts = [svgMark("path", { ...attributes, d })];
  if (value.edges.length <= 16) {
    const head = arrowHead(tip, way, "hl-edge hl-edge-head", 9);
    for (const [name, given] of [["data-start", from], ["data-end", to], ["style", `fill:${color}`]]) head.setAttribute(name, given);
    parts.push(head);
  }
  return parts;
}

function loopPath([x, y]) {
  return { d: `M${x - 4} ${y - 8}C${x - 20} ${y - 34} ${x + 20} ${y - 34} ${x + 5} ${y - 10}`, tip: [x + 4, y - 8], way: [-0.45, 0.89] };
}

// Straight, or bowed where a straight line would run through another node or over the edge that comes back.
function edgePath(from, to, [x1, y1], [x2, y2], value) {
  const [one, other] = [value.nodes[from].at, value.nodes[to].at];
  const level = Math.abs(one[1] - other[1]) < 0.01;
  const between = value.nodes.some((node, i) => i !== from && i !== to && Math.abs(node.at[1] - one[1]) < 0.01 && (node.at[0] - one[0]) * (node.at[0] - other[0]) < 0);
  const back = value.edges.some((edge) => edge[0] === to && edge[1] === from);
  const long = Math.hypot(x2 - x1, y2 - y1) || 1;
  const bow = level && (between || back) ? long * 0.34 : 0;
  const [cx, cy] = [(x1 + x2) / 2, (y1 + y2) / 2 - (x2 > x1 ? bow : -bow) * 1.4];
  const toward = (x, y) => [(cx - x) / (Math.hypot(cx - x, cy - y) || 1), (cy - y) / (Math.hypot(cx - x, cy - y) || 1)];
  const [out, into] = [toward(x1, y1), toward(x2, y2)];
  const tip = [x2 + 9 * into[0], y2 + 9 * into[1]];
  return { d: `M${x1 + 8 * out[0]} ${y1 + 8 * out[1]}Q${cx} ${cy} ${x2 + 13 * into[0]} ${y2 + 13 * into[1]}`, tip, way: [-into[0], -into[1]] };
}

function graphVector(one, layout) {
  const [[x1, y1], [x2, y2]] = [layout.place(one.start), layout.place(one.end)];
  const long = Math.hypot(x2 - x1, y2 - y1) || 1;
  const way = [(x2 - x1) / long, (y2 - y1) / long];
  const line = { d: `M${x1} ${y1}L${x2 - 5 * way[0]} ${y2 - 5 * way[1]}`, class: `hl-vector hl-stroke-${one.role}`, "stroke-dasharray": one.dashed ? "5 4" : "" };
  const beside = [(x1 + x2) / 2 + 12 * way[1], (y1 + y2) / 2 - 12 * way[0]];
  return [
    svgMark("path", line),
    arrowHead([x2, y2], way, `hl-fill-${one.role}`),
    svgMark("text", { x: beside[0], y: beside[1], dy: "0.35em", class: `hl-halo hl-role-${one.role}`, "text-anchor": way[1] > 0.5 ? "start" : way[1] < -0.5 ? "end" : "middle" }, one.label),
  ];
}

// Curves over one axis, each named at its end, with the present place marked and all values at the pointed place read out.

const CURVES_HEIGHT = 264;
const DASH = { solid: "", dashed: "6 4", dotted: "1.5 4" };

LAB_KINDS.curves = labCurves;

function labCurves(lab, frame) {
  const svg = svgMark("svg", { class: "hl-plot", "aria-hidden": "true" });
  frame.body.append(svg);
  const view = { plot: null, x: [] };
  const nearest = (x) => view.x.reduce((best, at, i) => (Math.abs(view.plot.across(at) - x) < Math.abs(view.plot.across(view.x[best]) - x) ? i : best), 0);
  // The point of the present place, where it was computed: nothing is read between points.
  const present = () => {
    const i = view.x.findIndex((at) => Math.abs(at - frame.value.present) <= 0.005 * Math.abs(at));
    return frame.value.present === null || i < 0 ? null : i;
  };
  const pointed = (focus) => (focus.panel === frame.id && focus.point !== null ? focus.point : null);
  return {
    plot: () => view.plot,
    size: (value) => value.x.length,
    show(value, width) {
      view.x = value.x;
      view.plot = drawCurves(svg, lab, value, width);
      frame.readout.classList.add("hl-wrapped");
      const lines = (width < 480 ? 2 : 1) + Math.floor(value.series.length / (width < 480 ? 3 : 5));
      frame.readout.style.minHeight = `${20 * lines}px`;
    },
    light(focus) {
      const i = pointed(focus);
      view.plot.cursor.replaceChildren(...(i === null ? [] : cursorMarks(view.plot, frame.value, i)));
    },
    at(event) {
      const x = event.clientX - svg.getBoundingClientRect().left;
      return x < view.plot.left - 8 || x > view.plot.right + 8 ? null : { point: nearest(x) };
    },
    move: (focus, down, across) => ({ point: steppedTo(pointed(focus) ?? present(), down + across, frame.value.x.length) }),
    read(focus) {
      const i = pointed(focus) ?? present();
      return i === null ? labHint(lab, frame) : readCurves(frame.value, i);
    },
    say: (value) => `${value.series.map((one) => `${one.name} from ${sayNumber(plainNumber(one.values[0]), value.digits)} to ${sayNumber(plainNumber(one.values.at(-1)), value.digits)}`).join("; ")}, over ${value.x_name} ${sayTick(value.x[0])} to ${sayTick(value.x.at(-1))}`,
    text: (value) => ({
      head: [value.x_name, ...value.series.map((one) => one.name)],
      rows: everyTo(value.x.length, TEXT_TO).map((i) => [sayTick(value.x[i]), ...value.series.map((one) => sayNumber(plainNumber(one.values[i]), value.digits))]),
    }),
  };
}

function everyTo(count, most) {
  const shown = Math.min(count, most);
  return Array.from({ length: shown }, (_, i) => Math.round((i * (count - 1)) / Math.max(1, shown - 1)));
}

function readCurves(value, i) {
  const numbers = value.series.map((one) => ({ text: `${one.name} ${sayNumber(plainNumber(one.values[i]), value.digits)}`, role: one.role }));
  return [{ text: `${value.x_name} ${sayTick(value.x[i])}`, role: "ink" }, ...numbers];
}

// The y axis: what was asked for, or a little more than what is shown.
function curvesRange(value) {
  if (value.y_range) return value.y_range;
  const shown = [...value.series.flatMap((one) => one.values), ...value.lines.map(([, at]) => at)].map(plainNumber);
  const usable = shown.filter((at) => Number.isFinite(at) && (!value.y_log || at > 0));
  if (!usable.length) return value.y_log ? [0.1, 1] : [0, 1];
  const [low, high] = [Math.min(...usable), Math.max(...usable)];
  if (value.y_log) return high > low ? [low, high] : [low / 10, high * 10];
  const room = (high - low) * 0.04 || Math.abs(high) || 1;
  return [low >= 0 && low < 0.3 * high ? 0 : low - room, high + room];
}

function curvesPlot(lab, value, width) {
  const font = `12px ${lab.theme.sans}`;
  const mono = `11px ${lab.theme.mono}`;
  const [low, high] = curvesRange(value);
  const ticks = roundTicks(low, high, 4, value.y_log);
  const left = Math.ceil(Math.max(...ticks.map((at) => lab.pen.width(sayTick(at), mono)))) + 9;
  const named = Math.min(width * 0.3, Math.max(0, ...value.series.map((one) => lab.pen.width(worded(one.name), font))) + 14);
  const [top, bottom, right] = [value.y_name ? 22 : 10, CURVES_HEIGHT - 40, width - named];
  const share = (at, from, to, log) => (log ? Math.log(at / from) / Math.log(to / from) : (at - from) / (to - from));
  return {
    left, right, top, bottom, ticks, font, low, high, room: named - 12,
    across: (x) => left + (right - left) * share(x, value.x[0], value.x.at(-1), value.x_log),
    down: (y) => bottom - (bottom - top) * share(y, low, high, value.y_log),
    shows: (y) => Number.isFinite(y) && (!value.y_log || y > 0),
  };
}

function drawCurves(svg, lab, value, width) {
  const plot = curvesPlot(lab, value, width);
  for (const [name, size] of [["width", width], ["height", CURVES_HEIGHT]]) svg.setAttribute(name, size);
  plot.cursor = svgMark("g");
  svg.replaceChildren(
    ...curveAxes(plot, value), ...curveLines(plot, value, lab), ...curvePresent(plot, value),
    ...value.series.map((one) => curvePath(plot, value, one)), ...curveNames(plot, value, lab), plot.cursor,
  );
  return plot;
}

function curveAxes(plot, value) {
  const { left, right, bottom } = plot;
  const marks = plot.ticks.flatMap((at) => {
    const y = Math.round(plot.down(at)) + 0.5;
    return [svgMark("line", { x1: left, x2: right, y1: y, y2: y, class: "hl-grid" }), svgMark("text", { x: left - 7, y, dy: "0.35em", class: "hl-tick-text", "text-anchor": "end" }, sayTick(at))];
  });
  const wanted = Math.max(2, Math.floor((right - left) / 80));
  for (const at of roundTicks(value.x[0], value.x.at(-1), wanted, value.x_log)) {
    if (showsPresent(value) && Math.abs(plot.across(at) - plot.across(value.present)) < 36) continue;
    marks.push(svgMark("text", { x: plot.across(at), y: bottom + 16, class: "hl-tick-text", "text-anchor": "middle" }, sayTick(at)));
  }
  marks.push(svgMark("text", { x: (left + right) / 2, y: CURVES_HEIGHT - 5, class: "hl-axis-text", "text-anchor": "middle" }, value.x_name));
  if (value.y_name) marks.push(svgMark("text", { x: 0, y: 11, class: "hl-axis-text" }, value.y_name));
  return marks;
}

function curveLines(plot, value) {
  return value.lines.filter(([, at]) => plot.shows(at)).flatMap(([label, at]) => {
    const y = Math.round(plot.down(at)) + 0.5;
    const above = y - plot.top > 16;
    return [
      svgMark("line", { x1: plot.left, x2: plot.right, y1: y, y2: y, class: "hl-reference" }),
      svgMark("text", { x: plot.left + 6, y: above ? y - 5 : y + 13, class: "hl-axis-text hl-halo" }, label),
    ];
  });
}

function showsPresent(value) {
  return value.present !== null && value.present >= value.x[0] && value.present <= value.x.at(-1);
}

function curvePresent(plot, value) {
  if (!showsPresent(value)) return [];
  const x = Math.round(plot.across(value.present)) + 0.5;
  return [
    svgMark("line", { x1: x, x2: x, y1: plot.top, y2: plot.bottom + 4, class: "hl-present" }),
    svgMark("text", { x, y: plot.bottom + 16, class: "hl-tick-text hl-present-text hl-halo", "text-anchor": "middle" }, sayTick(value.present)),
  ];
}

function curvePath(plot, value, one) {
  let path = "";
  let drawing = false;
  one.values.map(plainNumber).forEach((y, i) => {
    if (plot.shows(y)) path += `${drawing ? "L" : "M"}${plot.across(value.x[i]).toFixed(1)} ${clamp(plot.down(y), plot.top - 4, plot.bottom + 4).toFixed(1)}`;
    drawing = plot.shows(y);
  });
  return svgMark("path", { d: path, class: `hl-curve hl-stroke-${one.role}`, "stroke-dasharray": DASH[one.dash] });
}

// Names at the curves' ends, pushed apart where they would touch, with a short leader where they moved.
function curveNames(plot, value, lab) {
  const ends = value.series.map((one, i) => {
    const last = one.values.map(plainNumber).findLastIndex((y) => plot.shows(y));
    const y = last < 0 ? plot.bottom : clamp(plot.down(plainNumber(one.values[last])), plot.top, plot.bottom);
    return { one, i, from: y, y, x: last < 0 ? plot.right : plot.across(value.x[last]) };
  }).sort((one, other) => one.from - other.from || one.i - other.i);
  ends.forEach((end, i) => { if (i) end.y = Math.max(end.y, ends[i - 1].y + 15); });
  let floor = plot.bottom + 4;
  for (const end of [...ends].reverse()) {
    end.y = Math.min(end.y, floor);
    floor = end.y - 15;
  }
  return ends.flatMap(({ one, from, y, x }) => [
    ...(Math.abs(from - y) > 3 ? [svgMark("path", { d: `M${x + 1} ${from}L${plot.right + 9} ${y}`, class: "hl-leader" })] : []),
    svgMark("text", { x: plot.right + 11, y, dy: "0.35em", class: `hl-curve-name hl-role-${one.role}` }, isolated(lab.pen.fit(worded(one.name), plot.font, plot.room))),
  ]);
}

function cursorMarks(plot, value, i) {
  const x = Math.round(plot.across(value.x[i])) + 0.5;
  const shown = value.series.filter((one) => plot.shows(plainNumber(one.values[i])));
  return [
    svgMark("line", { x1: x, x2: x, y1: plot.top, y2: plot.bottom, class: "hl-cursor" }),
    ...shown.map((one) => svgMark("circle", { cx: plot.across(value.x[i]), cy: clamp(plot.down(plainNumber(one.values[i])), plot.top - 4, plot.bottom + 4), r: 3.5, class: `hl-dot hl-fill-${one.role}` })),
  ];
}

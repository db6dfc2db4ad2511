// One column of a comparison: the sentence as words, the matrix, what is read, the scores.

function sideColumn(side, at, grid) {
  const node = make("section", "hl-side-column");
  const head = make("header", "hl-side-head");
  const sentence = make("p", "hl-side-sentence");
  const note = make("p", "hl-side-note");
  const stage = make("div", "hl-stage hl-head");
  stage.tabIndex = 0;
  stage.setAttribute("role", "application");
  const readout = make("div", "hl-side-readout");
  const bars = make("div", "hl-side-bars");
  const words = make("div");
  words.append(sentence, note);
  node.append(head, words, stage, readout, bars);
  grid.append(node);
  const column = {
    at, node, readout, model: null, value: null, theme: null, pen: side.pen, pinned: null, marked: null, spans: new Map(),
    wide: 0,
    measure: () => { column.wide = stage.clientWidth; },
    width: () => column.wide,
    focus: () => column.marked,
    wordOf: (row) => (row === null || row === undefined ? null : (column.byRow[row] ?? null)),
    textOf: (word) => column.texts.get(word) ?? column.model.queries.texts[column.value.words[word][0]],
    hover: (cell) => side.point(cell && { column: at, row: cell.q, key: cell.k }),
    leave: () => side.point(null),
    pin: (row) => side.keep({ column: at, row, key: null }),
    byRow: [], texts: new Map(),
  };
  column.repaint = oncePerFrame(() => column.wide && column.view.paint(column.wide));
  column.view = heatmapView(column);
  stage.append(column.view.node, column.view.zoomBar);
  listenToSideKeys(side, column, stage);

  column.show = (value, whole, same) => {
    column.value = value;
    column.model = onOneScale(parseHead(value.figure), whole.largest);
    column.byRow = [];
    value.words.forEach(([first, last], word) => {
      for (let row = first; row <= last; row += 1) column.byRow[row] = word;
    });
    if (!same) column.view.restart();
    // Only what is in that language: what is said about it is in the page's own.
    if (!same) for (const written of [sentence, column.view.node]) written.lang = value.code;
    if (!same) head.replaceChildren(make("strong", "", value.name), ...ownName(value));
    if (!same) sentence.dir = value.mirrored ? "rtl" : "ltr";
    if (!same) fillSentence(side, column, sentence);
    if (!same) note.textContent = value.note;
    stage.setAttribute("aria-label", `${value.name}, ${ariaLabel(column.model)}`);
    fillSideBars(bars, whole.patterns, value.bars);
  };
  return column;
}

function ownName({ name, own, code }) {
  if (!own || own === name) return [];
  return [Object.assign(verbatim(make("bdi", "", own)), { lang: code })];
}

// The tones of a matrix on a scale that others share.
function onOneScale(model, max) {
  const top = model.exact ? 65535 : 255;
  return { ...model, max, largestCode: top * Math.sqrt(max), tone: (q, k) => (max > 0 ? Math.min(1, Math.sqrt(model.at(q, k) / max)) : 0) };
}

// Words can be pointed at, tapped and reached by keyboard: one stop for the sentence, arrows from word to word.
function fillSentence(side, column, sentence) {
  column.spans = new Map();
  column.texts = new Map();
  sentence.replaceChildren(...column.value.sentence.map(([text, word]) => {
    if (word < 0) return document.createTextNode(text);
    const span = verbatim(make("span", "hl-side-word", text));
    span.setAttribute("role", "button");
    span.setAttribute("tabindex", column.spans.size ? "-1" : "0");
    column.spans.set(word, span);
    column.texts.set(word, text);
    const focus = () => ({ column: column.at, row: column.value.words[word][0], key: null });
    span.addEventListener("pointerenter", (event) => event.pointerType !== "touch" && side.point(focus()));
    span.addEventListener("pointerleave", () => side.point(null));
    span.addEventListener("focus", () => side.point(focus()));
    span.addEventListener("blur", () => side.point(null));
    span.addEventListener("click", () => side.keep(focus()));
    span.addEventListener("keydown", (event) => stepWord(side, column, span, event));
    return span;
  }));
}

function stepWord(side, column, span, event) {
  const all = [...column.spans.values()];
  const ahead = column.value.mirrored ? "ArrowLeft" : "ArrowRight";
  const steps = { ArrowLeft: ahead === "ArrowLeft" ? 1 : -1, ArrowRight: ahead === "ArrowRight" ? 1 : -1 };
  if (event.key === "Enter" || event.key === " ") span.click();
  else if (event.key === "Escape") side.keep(null);
  else if (steps[event.key]) {
    const next = all[clamp(all.indexOf(span) + steps[event.key], 0, all.length - 1)];
    all.forEach((one) => one.setAttribute("tabindex", one === next ? "0" : "-1"));
    next.focus();
  } else return;
  event.preventDefault();
}

function listenToSideKeys(side, column, stage) {
  stage.addEventListener("keydown", (event) => {
    const { model } = column;
    if (!model || event.target !== stage || event.altKey || event.metaKey || event.ctrlKey) return;
    const active = side.active(); // not what is drawn: keys may come faster than frames
    const { q, k } = active?.column === column.at ? { q: active.row, k: active.key } : (column.marked ?? { q: null, k: null });
    const row = (to) => ({ column: column.at, row: clamp(to, 0, model.rows - 1), key: k });
    const key = (by) => {
      const from = q ?? 0;
      const start = model.mostLookedAt(from, 1)[0]?.[0] ?? 0;
      return { column: column.at, row: from, key: k === null ? start : clamp(k + by * (model.mirrored ? -1 : 1), 0, model.cols - 1) };
    };
    const moves = { ArrowDown: () => row((q ?? -1) + 1), ArrowUp: () => row((q ?? 1) - 1), ArrowLeft: () => key(-1), ArrowRight: () => key(1), Home: () => row(0), End: () => row(model.rows - 1) };
    if (moves[event.key]) {
      side.point(moves[event.key]());
      side.live.textContent = sideSentence(side);
    } else if ((event.key === "Enter" || event.key === " ") && q !== null) side.keep({ column: column.at, row: q, key: null });
    else if (event.key === "Escape") {
      side.point(null);
      side.keep(null);
    } else return;
    event.preventDefault();
  });
  stage.addEventListener("blur", () => side.point(null));
}

// Two lines of words and numbers; their height is reserved.
function sideReadout(side, column, marks) {
  const { model } = column;
  const line = (name, ...parts) => {
    const row = make("p");
    row.append(make("span", "hl-name", name), ...parts);
    return row;
  };
  const word = (text, kind) => Object.assign(verbatim(make("bdi", kind, text)), { lang: column.value.code });
  const number = (text) => make("span", "hl-number", text);
  if (!marks) return column.readout.replaceChildren(...(column.at === 0 ? [make("p", "hl-name", "Point at a word or a row; click to keep it.")] : []));
  const { q, k } = marks;
  if (q === null && k === null) return column.readout.replaceChildren(make("p", "hl-name", side.links ? "no word answers" : "comparing words …"));
  const similarity = marks.own ? null : (marks.words[0]?.[1] ?? null); // of the closest
  const text = marks.words.length ? marks.words.map(([one]) => one).sort((one, other) => one - other).map(column.textOf).join(" ") : "";
  const top = q === null ? line("looking", make("span", "hl-name", "no word answers")) : line("looking", word(text || model.queries.texts[q], "hl-query"), ...(similarity === null ? [] : [number(similarity.toFixed(2)), make("span", "hl-name", "similar")]));
  if (q === null) return column.readout.replaceChildren(top);
  if (model.empty(q)) return column.readout.replaceChildren(top, line("at", make("span", "hl-name", model.emptyNote(q))));
  const loud = (pair, i) => i === 0 || pair[1] >= 0.0005; // would read as zero
  const pairs = k === null ? model.mostLookedAt(q, 2).filter(loud) : [[k, model.at(q, k)]];
  const most = pairs.flatMap(([i, weight]) => [word(model.keys.texts[i], "hl-key"), number(model.allowed(q, i) ? model.say(weight) : "blocked")]);
  column.readout.replaceChildren(top, line(k === null ? "most at" : "at", ...most));
  return undefined;
}

// A bar for this sentence, a tick for the whole set.
function fillSideBars(node, patterns, bars) {
  const row = (cells, kind = "") => {
    const line = make("div", `hl-side-bar ${kind}`);
    line.append(...cells);
    return line;
  };
  const say = (score) => (score === null ? "–" : score.toFixed(2));
  const usual = bars.some(([, score]) => score !== null);
  const lines = patterns.map((title, i) => {
    const [here, set] = bars[i];
    const track = make("span", "hl-track");
    const mark = (kind, share, property) => {
      const part = make("span", kind);
      part.style[property] = `${100 * share}%`;
      track.append(part);
    };
    if (here !== null) mark("hl-fill", here, "width");
    if (set !== null) mark("hl-set", set, "left");
    return row([make("span", "hl-name", title), track, make("span", "hl-number", say(here)), make("span", "hl-number hl-usual", usual ? say(set) : "")]);
  });
  const top = row([make("span", "", "score above chance"), make("span"), make("span", "hl-number", "here"), make("span", "hl-number", usual ? "set" : "")], "hl-side-bars-head");
  node.replaceChildren(...(patterns.length ? [top] : []), ...lines);
}

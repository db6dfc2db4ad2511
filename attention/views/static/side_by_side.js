// One head on several sentences. `read()` gives {value, links}; what is pointed at in one column is shown in all of them:
// words answer each other by the links, special tokens by their order.

function mountSideBySide(root, read) {
  root.classList.add("hl-figure", "hl-side");
  const dom = sideShell(root);
  const side = { columns: [], links: null, hovered: null, kept: null, theme: null, pen: makePen(), live: dom.live };
  let shown = null;

  side.active = () => side.hovered ?? side.kept;
  side.point = (focus) => {
    if (JSON.stringify(focus) === JSON.stringify(side.hovered)) return;
    side.hovered = focus;
    light();
  };
  side.keep = (focus) => {
    const same = focus && side.kept && side.kept.column === focus.column && side.kept.row === focus.row;
    side.kept = same ? null : focus;
    side.live.textContent = side.kept ? sideSentence(side) : "";
    light();
  };
  const light = oncePerFrame(() => side.columns.forEach((column) => lightColumn(side, column)));

  function paint() {
    if (!root.clientWidth) return; // in a hidden tab; the size observer asks again
    side.theme = readTheme(root, side.theme);
    if (shown) drawScale(dom.scale, { max: shown.largest }, side.theme);
    if (shown) dom.scale.firstChild.textContent = "weight, one scale for all";
    side.columns.forEach((column) => column.measure()); // all read before anything is written
    for (const column of side.columns) {
      column.theme = side.theme;
      column.view.refresh();
      lightColumn(side, column);
    }
    stamp(root, shown?.title);
  }

  function draw() {
    const { value: given, links } = read();
    const value = given || null; // gradio writes "" for nothing
    const parsed = typeof links === "string" ? JSON.parse(links || "null") : links;
    side.links = parsed && value && parsed.key === value.key ? sideLinks(parsed.pairs) : null;
    root.classList.toggle("hl-waiting", Boolean(value) && !side.links && value.columns.length > 1);
    if (value !== shown) fill(value);
    shown = value;
    paint();
  }

  function fill(value) {
    const same = value && shown && value.key === shown.key;
    if (!same) Object.assign(side, { hovered: null, kept: null });
    root.classList.toggle("hl-empty", !value);
    dom.title.textContent = value?.title || "";
    dom.said.textContent = value?.said || "";
    dom.aside.textContent = value?.aside || "";
    dom.caption.textContent = value?.caption || "";
    dom.rest.textContent = value?.rest || "";
    while (side.columns.length > (value?.columns.length ?? 0)) side.columns.pop().node.remove();
    (value?.columns || []).forEach((one, at) => {
      const column = side.columns[at] ?? sideColumn(side, at, dom.grid);
      side.columns[at] = column;
      column.show(one, value, same);
    });
    dom.grid.style.setProperty("--hl-columns", String(Math.max(1, side.columns.length)));
  }

  watchSurroundings(root, () => {
    side.pen.forget();
    paint();
  });
  // `column` lets a test find a cell; pages need only `draw`.
  return { draw, column: (at) => side.columns[at] };
}

function sideShell(root) {
  const top = make("div", "hl-side-top");
  const [title, said, aside] = [make("strong", "hl-side-title"), make("span", "hl-side-said"), make("p", "hl-side-aside")];
  const answer = make("p", "hl-side-answer");
  answer.append(title, said);
  const scale = make("div", "hl-scale");
  const words = make("div");
  words.append(answer, aside);
  top.append(words, scale);
  const grid = make("div", "hl-side-grid");
  const [rest, caption, live] = [make("p", "hl-side-rest"), make("p", "hl-caption"), make("div", "hl-hidden")];
  live.setAttribute("aria-live", "polite");
  root.replaceChildren(top, grid, rest, caption, live);
  return { title, said, aside, scale, grid, rest, caption, live };
}

// "0,2" -> Map(word -> [[word, similarity]]), both ways.
function sideLinks(pairs) {
  const links = new Map();
  const add = (from, to, word, other, similarity) => {
    const name = `${from},${to}`;
    if (!links.has(name)) links.set(name, new Map());
    const known = links.get(name);
    known.set(word, [...(known.get(word) || []), [other, similarity]]);
  };
  for (const [one, other, found] of pairs) {
    for (const [first, second, similarity] of found) {
      add(one, other, first, second, similarity);
      add(other, one, second, first, similarity);
    }
  }
  return links;
}

// The words of a column that answer a word of another, closest first: [word, similarity], null for special tokens.
function sideAnswers(side, from, word, to) {
  if (word === null) return [];
  const place = side.columns[from].value.specials.indexOf(word);
  if (place >= 0) {
    const other = side.columns[to].value.specials[place];
    return other === undefined ? [] : [[other, null]];
  }
  return [...(side.links?.get(`${from},${to}`)?.get(word) || [])].sort((one, other) => other[1] - one[1]);
}

// What a column shows of the focus: words and answers, and one row and key for its matrix.
function sideMarks(side, column) {
  const focus = side.active();
  if (!focus || !side.columns[focus.column]?.model) return null;
  const from = side.columns[focus.column];
  const [word, key] = [from.wordOf(focus.row), from.wordOf(focus.key)];
  if (column === from) return { words: word === null ? [] : [[word, 1]], keys: key === null ? [] : [[key, 1]], q: focus.row, k: focus.key, own: true };
  const [words, keys] = [word, key].map((one) => sideAnswers(side, from.at, one, column.at));
  return { words, keys, q: words.length ? column.value.words[words[0][0]][0] : null, k: keys.length ? column.value.words[keys[0][0]][0] : null, own: false };
}

function lightColumn(side, column) {
  const marks = sideMarks(side, column);
  column.marked = marks && (marks.q !== null || marks.k !== null) ? { q: marks.q, k: marks.k } : null;
  column.pinned = side.kept && side.kept.column === column.at && side.kept.row < column.model.rows ? side.kept.row : null;
  const [looking, looked] = ["words", "keys"].map((kind) => new Set((marks?.[kind] || []).map(([word]) => word)));
  for (const [word, node] of column.spans) {
    node.classList.toggle("hl-looking", looking.has(word));
    node.classList.toggle("hl-looked", looked.has(word) && !looking.has(word));
    node.setAttribute("aria-pressed", String(Boolean(side.kept) && side.kept.column === column.at && column.wordOf(side.kept.row) === word));
  }
  sideReadout(side, column, marks);
  if (column.wide) column.view.paint(column.wide);
}

function sideSentence(side) {
  const parts = side.columns.map((column) => {
    const marks = sideMarks(side, column);
    const words = (marks?.words || []).map(([word]) => column.textOf(word)).join(" ");
    return `${column.value.name}: ${words || "no answer"}`;
  });
  return `${parts.join("; ")}.`;
}

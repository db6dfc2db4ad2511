// One sentence through several tokenizers. `read()` gives {value}. Blocks begin and end where all of them cut; inside a block
// what stands at the same letters stands in the same column. Lines are broken here, so that each can name its rows.

function mountPieces(root, read) {
  root.classList.add("hl-figure", "hl-pieces");
  const facts = make("div", "hl-piece-facts");
  const lines = make("div");
  const readout = make("p", "hl-piece-readout");
  const [note, caption] = [make("p", "hl-piece-note"), make("p", "hl-caption")];
  root.replaceChildren(facts, lines, readout, note, caption);
  readout.setAttribute("aria-live", "polite");
  let shown = null;
  let blocks = [];

  const tell = (text) => { readout.textContent = text || (shown ? "Point at a piece to read it." : ""); };

  function draw() {
    const value = read().value || null; // gradio writes "" for nothing
    if (value === shown && root.dataset.stamp) return;
    shown = value;
    facts.replaceChildren(...(value ? [pieceFacts(value.lines)] : []));
    const rows = (value?.lines || []).map(() => []);
    blocks = (value?.blocks || []).map((block, at) => ({ node: pieceBlock(block, at, value, rows, tell), spaced: block.spaced }));
    for (const [i, { node }] of rows.flat().entries()) node.tabIndex = i ? -1 : 0;
    note.textContent = value?.note || "";
    caption.textContent = value?.caption || "";
    tell("");
    paint();
  }

  function paint() {
    if (!root.clientWidth) return;
    root.style.setProperty("--hl-tone", readTheme(root).ramp.css[150]);
    lines.replaceChildren(...(shown ? pieceLines(lines, blocks, shown, root.clientWidth) : []));
    stamp(root, shown?.caption);
  }

  watchSurroundings(root, paint);
  return { draw };
}

function pieceFacts(lines) {
  const table = make("table", "hl-piece-table");
  const head = make("tr");
  const names = ["", "Tokenizer", "Kind", "Pieces", "Per word", "Per character", "Unknown", "Text rebuilt"];
  head.append(...names.map((text, i) => make("th", i > 2 && i < 7 ? "hl-number" : "", text)));
  const number = (value, digits) => make("td", "hl-number", value === null ? "–" : value.toFixed(digits));
  const rows = lines.map((line, i) => {
    const row = make("tr");
    row.append(
      make("td", "hl-piece-mark", String(i + 1)), make("th", "", line.title), make("td", "", line.kind),
      number(line.pieces, 0), number(line.per_word, 2), number(line.per_character, 2), number(line.unknown, 0),
      make("td", "", line.rebuilt ? "exactly" : "not exactly"),
    );
    [...row.children].forEach((cell, at) => { cell.dataset.name = names[at]; });
    return row;
  });
  const [top, body] = [make("thead"), make("tbody")];
  top.append(head);
  body.append(...rows);
  table.append(top, body);
  return table;
}

// rows: all pieces of each tokenizer so far, in order, with where they stand.
function pieceBlock(block, at, value, rows, tell) {
  const node = make("div", "hl-piece-block");
  node.style.gridTemplateColumns = `repeat(${block.columns}, auto)`;
  block.rows.forEach((cells, row) => {
    for (const [first, last, pieces, leftOut] of cells) {
      const cell = make("span", "hl-piece-cell");
      cell.style.gridRow = String(row + 1);
      cell.style.gridColumn = `${first + 1} / ${Math.max(first + 2, last + 1)}`;
      if (leftOut) cell.append(verbatim(make("bdi", "hl-piece hl-left-out", leftOut)));
      for (const [text, id, unknown, note] of pieces) {
        const piece = verbatim(make("bdi", `hl-piece${rows[row].length % 2 ? " hl-even" : ""}${unknown ? " hl-unknown" : ""}`, text));
        rows[row].push({ node: piece, at, first });
        const said = `${value.lines[row].title}: “${text}”, number ${id.toLocaleString("en")}${note ? `, ${note}` : ""}`;
        piece.title = said;
        piece.addEventListener("pointerenter", () => tell(said));
        piece.addEventListener("click", () => tell(said));
        piece.addEventListener("pointerleave", (event) => event.pointerType !== "touch" && tell(""));
        piece.setAttribute("role", "button");
        piece.addEventListener("focus", () => tell(said));
        piece.addEventListener("blur", () => tell(""));
        piece.addEventListener("keydown", (event) => stepPiece(rows, row, piece, value.mirrored, event));
        cell.append(piece);
      }
      node.append(cell);
    }
  });
  return node;
}

// One stop for all pieces: arrows go along a tokenizer's row, or to what stands at the same letters in another.
function stepPiece(rows, row, piece, mirrored, event) {
  const place = rows[row].findIndex(({ node }) => node === piece);
  const along = { ArrowLeft: mirrored ? 1 : -1, ArrowRight: mirrored ? -1 : 1 }[event.key];
  const across = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  if (!along && !across) return;
  event.preventDefault();
  const here = rows[row][place];
  const before = (one) => one.at < here.at || (one.at === here.at && one.first <= here.first);
  const next = along ? rows[row][place + along] : (rows[row + across]?.findLast(before) ?? rows[row + across]?.[0]);
  if (!next) return;
  for (const { node } of rows.flat()) node.tabIndex = node === next.node ? 0 : -1;
  next.node.focus();
}

// Greedy lines: all widths are read before any line is made.
function pieceLines(place, blocks, value, room) {
  const ruler = make("div", "hl-piece-blocks hl-ruler");
  ruler.dir = value.mirrored ? "rtl" : "ltr";
  ruler.append(...blocks.map(({ node }) => node));
  place.replaceChildren(ruler);
  const widths = blocks.map(({ node }) => node.getBoundingClientRect().width);
  const lines = [];
  let left = 0;
  blocks.forEach(({ node, spaced }, i) => {
    const needed = widths[i] + (spaced ? 12 : 3);
    node.classList.toggle("hl-spaced", spaced);
    if (!lines.length || needed > left) {
      lines.push([]);
      left = room - 34;
    }
    lines.at(-1).push(node);
    left -= needed;
  });
  return lines.map((nodes) => {
    const line = make("div", "hl-piece-line");
    const marks = make("div", "hl-piece-marks");
    marks.setAttribute("aria-hidden", "true");
    marks.append(...value.lines.map((_, i) => make("span", "hl-piece-mark", String(i + 1))));
    const holder = make("div", "hl-piece-blocks");
    holder.dir = value.mirrored ? "rtl" : "ltr";
    holder.lang = value.code;
    holder.append(...nodes);
    line.append(marks, holder);
    return line;
  });
}

// What the selected head does. `read()` gives {value, card, selected: [layer, head]}; `emit('outline', {pattern})` asks for a
// pattern's cells to be outlined. The card holds the same scores over many texts.

const NO_NUMBER = 255; // views/coding.py keeps the same number

function mountBars(root, read, emit) {
  root.classList.add("hl-figure", "hl-bars");
  let opened = null;
  let drawn = null; // what the bars were last made of
  let usual = { text: "", card: null };

  function draw() {
    const { value, card: text, selected } = read();
    if (text !== usual.text) usual = { text, card: typeof text === "string" ? JSON.parse(text || "null") : text };
    const { card } = usual;
    opened = selected || value?.selected || opened; // an average has no scores of its own: the last head's stay
    const made = JSON.stringify([value?.scores, value?.titles, card?.usual, opened]);
    if (made !== drawn) root.replaceChildren(...(value && opened ? barsOf(value, card, opened, emit) : [make("p", "hl-bars-note")]));
    drawn = made;
    stamp(root, value && opened ? headName(...opened) : "");
  }
  return { draw };
}

function barsOf(value, card, [layer, head], emit) {
  const at = layer * value.n_heads + head;
  const here = readingOf(value, ["scores", "chance"], at);
  const usual = card ? readingOf(card, ["usual", "low", "high"], at) : null;
  const known = value.names
    .map((name, i) => ({ name, title: value.titles[i], ...here[name], rows: value.rows[i], card: usual?.[name] }))
    .filter((row) => row.scores !== null)
    .sort((one, other) => other.scores - one.scores);
  const top = make("p", "hl-bars-head");
  top.append(make("strong", "", headName(layer, head)), make("span", "hl-muted", known.length ? said(value, value.readings[at]) : "This text is too short to score patterns."));
  const list = make("ul", "hl-bars-list");
  if (known.length) list.append(barHead(card));
  list.append(...known.map((row) => barRow(row, value.outlined.includes(row.name), emit)));
  return [top, list, barNote(known, card)];
}

function readingOf(coded, fields, at) {
  const bytes = Object.fromEntries(fields.map((field) => [field, bytesOf(coded[field] || "")]));
  const number = (field, i) => {
    const code = bytes[field][at * coded.names.length + i];
    return code === undefined || code === NO_NUMBER ? null : code / 100;
  };
  return Object.fromEntries(coded.names.map((name, i) => [name, Object.fromEntries(fields.map((field) => [field, number(field, i)]))]));
}

function said({ phrases }, [raw, working, resting]) {
  const rests = resting === null ? "" : ` ${resting}% of its attention rests on the first token and on special tokens.`;
  return `As it is, it ${phrases[raw]}; over content alone it ${phrases[working]}.${rests}`;
}

function barHead(card) {
  const row = make("li", "hl-bar hl-bar-head hl-muted");
  row.append(make("span", "", "score above chance"), make("span", ""), make("span", "hl-number", "here"), make("span", "hl-number", card ? "usual" : ""));
  return row;
}

function barRow(row, outlines, emit) {
  const item = make("li");
  const line = make(outlines ? "button" : "span", `hl-bar${row.scores < 0.005 ? " hl-muted" : ""}`);
  const track = make("span", "hl-track");
  track.append(along("hl-fill", 0, row.scores));
  if (row.card?.low != null && row.card.high > 0.01) track.append(along("hl-range", row.card.low, row.card.high));
  if (row.chance !== null) track.append(along("hl-tick", row.chance));
  const usual = row.card?.usual ?? null;
  line.append(make("span", "hl-name", row.title), track, make("span", "hl-number", row.scores.toFixed(2)), make("span", "hl-number hl-usual", usual === null ? "" : usual.toFixed(2)));
  line.title = spoken(row);
  line.append(make("span", "hl-hidden", `, ${spoken(row)}`));
  if (outlines) {
    line.type = "button";
    line.addEventListener("click", () => emit("outline", { pattern: row.name }));
  }
  item.append(line);
  return item;
}

function along(name, from, to) {
  const mark = make("span", name);
  mark.style.left = `${100 * from}%`;
  if (to !== undefined) mark.style.width = `${100 * Math.max(0, to - from)}%`;
  return mark;
}

function spoken(row) {
  const chance = row.chance === null ? "" : `, chance alone ${row.chance.toFixed(2)}`;
  const card = row.card?.usual == null ? "" : `; over other texts ${row.card.usual.toFixed(2)}${row.card.low == null ? "" : ` (${row.card.low.toFixed(2)} to ${row.card.high.toFixed(2)})`}`;
  return `${row.scores.toFixed(2)} over ${row.rows} rows of this text${chance}${card}`;
}

function barNote(known, card) {
  const counts = known.map((row) => row.rows);
  const rows = counts.length ? `This text: ${Math.min(...counts)} to ${Math.max(...counts)} rows, so no interval. ` : "";
  const usual = card ? `Usual: ${card.texts} texts in 15 languages read as one; the bracket is its 95% interval.` : "";
  return make("p", "hl-muted hl-bars-foot", rows + usual);
}

// The heads worth a look. `read()` gives {value, selected: [layer, head]}; `emit('pick', {layer, head, pattern})`
// opens one with its pattern's cells outlined.

const CARD_THUMB = 56;

function mountFindingCards(root, read, emit) {
  root.classList.add("hl-figure", "hl-cards");
  const list = make("div", "hl-card-list");
  list.setAttribute("role", "list");
  const footnote = make("p", "hl-footnote");
  const more = make("div", "hl-card-more");
  root.replaceChildren(list, more, footnote);
  let cards = [];
  let rows = [];
  let shown = null;
  let asked = "";
  let selected = null;

  const same = (card) => selected && card.layer === selected[0] && card.head === selected[1];
  const mark = () => {
    for (const { card, button } of [...cards, ...rows]) {
      button.classList.toggle("hl-chosen", Boolean(same(card)));
      button.setAttribute("aria-pressed", String(Boolean(same(card))));
    }
  };
  const pick = (card) => {
    selected = [card.layer, card.head];
    mark();
    emit('pick', { layer: card.layer, head: card.head, pattern: card.name || null });
  };

  function build(value) {
    cards = (value?.cards || []).map((card) => ({ card, ...findingCard(card, () => pick(card)) }));
    list.replaceChildren(...cards.map(({ item }) => item));
    const sections = (value?.more || []).map((section) => cardSection(section, pick));
    more.replaceChildren(...sections.map(({ node }) => node));
    rows = sections.flatMap((section) => section.rows);
    footnote.textContent = value?.footnote || "";
    footnote.hidden = !footnote.textContent;
    root.classList.toggle("hl-empty", !value);
  }

  const paint = oncePerFrame(() => {
    const theme = readTheme(root);
    const tones = thumbTones(shown?.gamma ?? 1);
    for (const { card, canvas } of cards) {
      const image = thumbImage(bytesOf(card.data), card.rows, card.cols, tones, theme);
      const source = { x: 0, y: 0, width: card.cols, height: card.rows };
      paintThumb(crisp(canvas, CARD_THUMB, CARD_THUMB), image, source, { x: 0, y: 0, side: CARD_THUMB });
    }
    stamp(root, shown ? `${cards.length} findings` : "");
  });

  function draw() {
    const { value, selected: wanted } = read();
    // Re-selecting leaves the buttons where they are, so that the focused one keeps its focus.
    const known = shown === (value ?? null) || JSON.stringify(value ?? null) === JSON.stringify(shown);
    if (!known || !root.dataset.stamp) build(value);
    shown = value ?? null;
    const at = wanted ?? value?.selected ?? null;
    if (String(at) !== asked) selected = at;
    asked = String(at);
    mark();
    paint();
  }

  watchSurroundings(root, paint);
  return { draw };
}

function findingCard(card, act) {
  const item = make("div", "hl-card-item");
  item.setAttribute("role", "listitem");
  const button = make("button", "hl-card");
  button.type = "button";
  button.addEventListener("click", act);
  const canvas = make("canvas", "hl-canvas hl-card-thumb");
  canvas.setAttribute("aria-hidden", "true");
  const body = make("span", "hl-card-body");
  const top = make("span", "hl-card-top");
  top.append(make("span", "hl-card-pattern", card.pattern), make("span", "hl-card-head", headName(card.layer, card.head)));
  body.append(top, make("span", "hl-card-reason", card.reason), scoreBar(card));
  button.append(canvas, body);
  item.append(button);
  return { item, button, canvas };
}

// Heads worth a look for another reason: a line each.
function cardSection({ title, aside, rows }, pick) {
  const node = make("section", "hl-card-section");
  const heading = make("h3", "", title);
  heading.append(make("span", "", aside));
  const lines = rows.map((card) => {
    const button = make("button", "hl-card-row");
    button.type = "button";
    button.append(make("span", "hl-card-head", headName(card.layer, card.head)), make("span", "", card.text));
    button.addEventListener("click", () => pick(card));
    return { card, button };
  });
  node.append(heading, ...lines.map(({ button }) => button));
  return { node, rows: lines };
}

// The score from 0 to 1 as a line, with a tick where chance alone would end.
function scoreBar(card) {
  const percent = (value) => `${100 * clamp(value, 0, 1)}%`;
  const line = make("span", "hl-score");
  const track = make("span", "hl-score-track");
  const fill = make("span", "hl-score-fill");
  const chance = make("span", "hl-score-chance");
  fill.style.width = percent(card.score);
  chance.style.left = percent(card.chance);
  track.append(fill, chance);
  const number = make("span", "hl-score-number", card.score.toFixed(2));
  line.append(track, number);
  line.title = `score ${card.score.toFixed(2)} over ${card.measured_rows} rows; chance ${card.chance.toFixed(2)}`;
  line.append(make("span", "hl-hidden", `, chance ${card.chance.toFixed(2)}, ${card.measured_rows} rows`));
  return line;
}

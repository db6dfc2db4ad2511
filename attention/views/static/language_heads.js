// Heads by how alike they are in all languages. `read()` gives {value}; `emit('pick', {layer, head, pattern})` opens one.

function mountLanguageHeads(root, read, emit) {
  root.classList.add("hl-figure", "hl-tongues");
  const list = make("ul", "hl-tongue-list");
  const note = make("p", "hl-tongue-note");
  root.replaceChildren(list, note);
  let shown = null;
  let buttons = [];

  function draw() {
    const value = read().value || null; // gradio writes "" for nothing
    if (value !== shown) {
      buttons = (value?.rows || []).map((row) => tongueRow(row, value, emit));
      const top = value?.rows.length ? [tongueHead(value)] : [];
      list.replaceChildren(...top, ...buttons.map(({ item }) => item));
      note.textContent = value?.note || "";
    }
    shown = value;
    const at = value?.selected;
    for (const { row, button } of buttons) {
      const chosen = Boolean(at) && row.layer === at[0] && row.head === at[1];
      button.classList.toggle("hl-chosen", chosen);
      button.setAttribute("aria-pressed", String(chosen));
    }
    stamp(root, value ? `${value.rows.length} heads` : "");
  }
  return { draw };
}

function tongueHead({ measure }) {
  const item = make("li", "hl-tongue hl-tongue-head");
  const ends = make("span", "hl-tongue-ends");
  ends.append(make("span", "", "0"), make("span", "", "score in each language"), make("span", "", "1"));
  item.append(make("span", "", "pattern"), make("span", ""), ends, make("span", "hl-number", measure), make("span", "hl-interval", "95% interval"));
  return item;
}

function tongueRow(row, { languages }, emit) {
  const item = make("li");
  const button = make("button", "hl-tongue");
  button.type = "button";
  const track = make("span", "hl-tongue-track");
  row.scores.forEach((score, i) => {
    if (score === null) return;
    const tick = make("span", `hl-tick${languages[i] === row.least || languages[i] === row.most ? " hl-end" : ""}`);
    tick.style.left = `${100 * score}%`;
    track.append(tick);
  });
  const [least, most] = [row.least, row.most].map((name) => row.scores[languages.indexOf(name)]);
  const ends = make("span", "hl-tongue-said", `${least.toFixed(2)} ${row.least} to ${most.toFixed(2)} ${row.most}`);
  const interval = make("span", "hl-interval", `${row.low.toFixed(2)} to ${row.high.toFixed(2)}`);
  button.append(make("span", "hl-tongue-title", row.title), make("span", "hl-tongue-name", headName(row.layer, row.head)), track, make("span", "hl-number", row.number.toFixed(2)), interval, ends);
  button.title = row.scores.map((score, i) => `${languages[i]} ${score === null ? "–" : score.toFixed(2)}`).join(", ");
  button.append(make("span", "hl-hidden", `. ${button.title}`));
  button.addEventListener("click", () => emit('pick', { layer: row.layer, head: row.head, pattern: row.name }));
  item.append(button);
  return { item, row, button };
}

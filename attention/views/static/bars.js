// The selected head's scores as bars. `read()` gives {value: {names, bars, phrases, readings, n_heads}, selected: [layer, head]}.

function mountBars(root, read) {
  root.classList.add("hl-bars");
  const make = (tag, name, text) => {
    const node = document.createElement(tag);
    node.className = name;
    if (text !== undefined) node.textContent = text;
    return node;
  };

  function bar([name, score, chance]) {
    const row = make("li", "hl-bar");
    const track = make("span", "hl-track");
    const fill = make("span", "hl-fill");
    fill.style.width = `${score}%`;
    track.append(fill);
    if (chance !== null) {
      const tick = make("span", "hl-tick");
      tick.style.left = `${chance}%`;
      tick.title = `chance ${(chance / 100).toFixed(2)}`;
      track.append(tick);
    }
    row.append(make("span", "hl-name", name), track, make("span", "hl-number", (score / 100).toFixed(2)));
    return row;
  }

  function said({ phrases }, [raw, working, resting]) {
    const rests = resting === null ? "" : ` ${resting}% of its attention rests on the first token and on special tokens.`;
    return `As it is, it ${phrases[raw]}; over content alone it ${phrases[working]}.${rests}`;
  }

  let opened = null;

  function draw() {
    const { value, selected } = read();
    opened = selected || value?.selected || opened; // an average has no scores of its own: the last head's stay
    const [layer, head] = opened || [0, 0];
    const top = make("p", "hl-bars-head");
    const list = make("ul", "hl-bars-list");
    const note = make("p", "hl-muted hl-bars-note");
    if (value && opened) {
      const at = layer * value.n_heads + head;
      const known = value.bars[at] || [];
      top.append(make("strong", "", `L${layer}H${head}`), make("span", "hl-muted", "above chance, 0 to 1"));
      list.append(...known.map(([name, score, chance]) => bar([value.names[name], score, chance])));
      note.textContent = known.length ? said(value, value.readings[at]) : "This text is too short to score patterns.";
    }
    root.replaceChildren(top, note, list);
    root.dataset.stamp = String(Number(root.dataset.stamp || 0) + 1);
  }
  return { draw };
}

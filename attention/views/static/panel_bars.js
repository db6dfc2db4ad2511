// One value per token: a row each with its word, its bar and its number.

LAB_KINDS.bars = labBars;

function labBars(lab, frame) {
  const names = make("div", "hl-legend");
  const lines = make("div", "hl-lines");
  const list = make("div", "hl-rows");
  const holder = make("div", "hl-rows-holder");
  holder.append(list, lines);
  frame.body.append(names, holder);
  const row = () => {
    const node = make("div", "hl-row");
    const track = make("span", "hl-track");
    track.append(make("span", "hl-fill"), make("span", "hl-other"), make("span", "hl-zero"));
    node.append(make("bdi", "hl-word"), track, make("span", "hl-number"));
    return node;
  };
  const sayNumbers = (value, i) => `${value.blocked.includes(i) ? value.blocked_note : sayBar(value, i)}${value.compare ? `, ${value.names[1] || "compared"} ${sayCompared(value, i)}` : ""}`;
  return {
    ...tokenRows(lab, frame, list, sayNumbers),
    size: (value) => value.labels.texts.length,
    show(value) {
      const blocked = new Set(value.blocked);
      const numbers = value.values.map((_, i) => (blocked.has(i) ? value.blocked_note : worded(sayBar(value, i))));
      sizeRows(lab, frame, value.labels.texts, numbers.filter((_, i) => !blocked.has(i)));
      holder.classList.toggle("hl-mirrored", value.mirrored);
      showLegend(names, value);
      fillRows(list, value.values.length, row);
      value.values.forEach((_, i) => showBar(list.children[i], value, i, { blocked: blocked.has(i), text: numbers[i] }));
      showLines(lines, lab, value, frame.width);
    },
    say: (value) => {
      const best = largestBar(value);
      return `${value.values.length} tokens${best === null ? ", nothing allowed" : `; largest ${sayBar(value, best)} at ${value.labels.texts[best]}`}${value.lines.map(([label]) => `; ${label}`).join("")}`;
    },
    text: (value) => ({
      head: ["token", value.names[0] || "value", ...(value.compare ? [value.names[1] || "compared"] : [])],
      rows: value.labels.texts.map((text, i) => [
        text, value.blocked.includes(i) ? value.blocked_note : sayBar(value, i), ...(value.compare ? [sayCompared(value, i)] : []),
      ]),
    }),
  };
}

function sayBar(value, i) {
  return `${sayNumber(plainNumber(value.values[i]), value.digits)}${value.unit ? ` ${value.unit}` : ""}`;
}

function sayCompared(value, i) {
  return sayNumber(plainNumber(value.compare[i]), value.digits);
}

function largestBar(value) {
  let best = null;
  value.values.forEach((number, i) => {
    if (!value.blocked.includes(i) && Number.isFinite(plainNumber(number)) && (best === null || number > value.values[best])) best = i;
  });
  return best;
}

function showBar(node, value, i, { blocked, text }) {
  const [word, track, number] = node.children;
  const place = (at) => (100 * (clamp(at, value.low, value.high) - value.low)) / (value.high - value.low);
  const at = plainNumber(value.values[i]);
  const [fill, other, zero] = track.children;
  node.className = `hl-row${blocked ? " hl-none" : ""}${value.selected === i ? " hl-chosen" : ""}${value.labels.special.includes(i) ? " hl-special" : ""}`;
  word.translate = !value.linked; // rows of tokens
  word.textContent = value.labels.texts[i];
  word.title = value.labels.notes[i] || value.labels.texts[i];
  number.textContent = text;
  const [from, to] = [Math.min(place(0), place(at)), Math.max(place(0), place(at))];
  fill.hidden = blocked || Number.isNaN(at);
  fill.style.insetInlineStart = `${from}%`;
  fill.style.width = `${to - from}%`;
  zero.style.insetInlineStart = `${place(0)}%`;
  const second = value.compare ? plainNumber(value.compare[i]) : NaN;
  other.hidden = Number.isNaN(second);
  if (!other.hidden) other.style.insetInlineStart = `${place(second)}%`;
}

function showLegend(node, value) {
  node.hidden = !value.names.some(Boolean);
  node.replaceChildren(...value.names.filter(Boolean).map((name, i) => {
    const item = make("span", "hl-legend-item");
    item.append(make("span", i ? "hl-key-other" : "hl-key-fill"), make("span", "", name));
    return item;
  }));
}

// Reference lines across all rows; a label that would run into the one before goes a step higher.
function showLines(node, lab, value, width) {
  const track = Math.max(40, width * 0.5);
  const share = (at) => (clamp(at, value.low, value.high) - value.low) / (value.high - value.low);
  const taken = [];
  const lines = value.lines.map(([label, at]) => {
    const half = lab.pen.width(worded(label), `11px ${lab.theme.sans}`) / 2 + 5;
    const x = share(plainNumber(at)) * track;
    const level = taken.filter(([from, to]) => x - half < to && x + half > from).length;
    taken.push([x - half, x + half]);
    const line = make("span", "hl-line-at");
    line.style.insetInlineStart = `${100 * share(plainNumber(at))}%`;
    line.style.setProperty("--hl-level", level);
    const name = make("span", share(plainNumber(at)) > 0.6 ? "hl-line-label hl-before" : "hl-line-label");
    name.append(make("bdi", "", label));
    line.append(name);
    return line;
  });
  node.replaceChildren(...lines);
  node.parentNode.style.paddingTop = lines.length ? `${18 + 14 * Math.max(0, ...lines.map((line) => Number(line.style.getPropertyValue("--hl-level"))))}px` : "";
}

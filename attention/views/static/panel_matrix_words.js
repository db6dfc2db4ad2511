// A lab's matrix in words: its readout, its color bar, and its numbers for people who hear the page.

function readMatrix(model, value, row, column) {
  const [down, across] = value.linked;
  const looking = { text: model.row.text(row ?? 0), role: down || "ink", own: true };
  if (column === null) {
    const best = strongestIn(model, row);
    return best === null ? [looking, { text: value.empty_note, role: "muted" }] : [looking, { text: `largest ${value.measure} ${model.say(row, best)} at`, role: "muted" }, { text: model.column.text(best), role: across || "ink", own: true }];
  }
  const looked = { text: model.column.text(column), role: across || "ink", own: true };
  if (row === null) return [looked];
  return [looking, { text: "→", role: "muted" }, looked, { text: value.measure, role: "muted" }, { text: model.say(row, column), role: "number" }];
}

function strongestIn(model, row) {
  let best = null;
  for (let c = 0; c < model.cols; c += 1) {
    if (model.tone(row, c) >= 0 && (best === null || model.at(row, c) > model.at(row, best))) best = c;
  }
  return best;
}

// The smallest and largest cell as [value, row, column]; null where nothing is colored.
function extremesOf(model) {
  let [low, high] = [null, null];
  for (let r = 0; r < model.rows; r += 1) {
    for (let c = 0; c < model.cols; c += 1) {
      if (model.tone(r, c) < 0) continue;
      const number = model.at(r, c);
      if (low === null || number < low[0]) low = [number, r, c];
      if (high === null || number > high[0]) high = [number, r, c];
    }
  }
  return low && { low, high };
}

function sayMatrix(model, value) {
  const size = `${model.rows} rows (${value.axes[0]}), ${model.cols} columns (${value.axes[1]})`;
  const ends = extremesOf(model);
  if (!ends) return `${size}, nothing allowed`;
  const say = ([, r, c]) => `${model.say(r, c)} from ${model.row.text(r)} to ${model.column.text(c)}`;
  return `${size}; largest ${value.measure} ${say(ends.high)}, smallest ${say(ends.low)}`;
}

function textOfMatrix(model, value) {
  if (Math.max(model.rows, model.cols) > TEXT_TO) return `${value.title || value.measure}: ${sayMatrix(model, value)}.`;
  const counted = (count) => Array.from({ length: count }, (_, i) => i);
  return {
    head: [`${value.axes[0]} / ${value.axes[1]}`, ...counted(model.cols).map((c) => model.column.text(c))],
    rows: counted(model.rows).map((r) => [model.row.text(r), ...counted(model.cols).map((c) => model.say(r, c))]),
  };
}

// The color bar, its numbers where their colors are: weights run with the square root.
function drawLabScale(node, value, theme) {
  node.hidden = value.small;
  if (value.small) return;
  const stops = value.ramp === "signed" ? theme.signedStops : theme.stops;
  const bar = make("div", "hl-bar");
  bar.style.backgroundImage = `linear-gradient(to right, ${stops.join(", ")})`;
  const ticks = make("div", "hl-ticks");
  const shares = value.ramp === "signed" ? [0, 0.5, 1] : [0, 0.1, 1];
  for (const share of shares) {
    const tick = make("span", "hl-tick", sayTick(value.low + share * (value.high - value.low)));
    tick.style.left = `${100 * (value.ramp === "signed" ? share : Math.sqrt(share))}%`;
    ticks.append(tick);
  }
  node.replaceChildren(make("span", "hl-scale-name", value.measure), bar, ticks);
}

// The numbers under a picture, and the same numbers for people who hear the page.

function makeReadout() {
  const node = make("div", "hl-readout");
  const fields = make("div", "hl-fields");
  const note = make("div", "hl-note");
  const live = make("div", "hl-hidden");
  live.setAttribute("aria-live", "polite");
  node.append(fields, note);

  const field = (name, text, kind = "", title = "") => {
    const box = make("div", `hl-field ${kind}`);
    const value = make("bdi", "hl-text", text);
    value.title = title || text;
    if (kind === "hl-query" || kind === "hl-key") verbatim(value);
    box.append(make("span", "hl-name", name), value);
    return box;
  };
  const list = (name, pairs, labels, model) => {
    const box = make("div", "hl-field hl-list");
    const items = make("div", "hl-items");
    const silent = model.exact ? 0.0005 : 0.005; // would read as zero
    for (const [index, weight] of pairs.filter((pair, i) => i === 0 || pair[1] >= silent)) {
      const item = make("span", "hl-item");
      item.append(verbatim(make("bdi", "hl-text", labels.texts[index])), make("span", "hl-number", model.say(weight)));
      items.append(item);
    }
    if (!pairs.length) items.append(make("span", "hl-item", "nothing"));
    box.append(make("span", "hl-name", name), items);
    return box;
  };
  const about = model => (model.exact ? "" : "one of 255 steps: within 0.004");

  function show(model, focus) {
    fields.replaceChildren(...parts(model, focus));
    const notes = focus ? [focus.q !== null && model.queries.note(focus.q), focus.k !== null && model.keys.note(focus.k)] : [];
    note.textContent = [...new Set(notes.filter(Boolean))].join("; ");
    note.hidden = !model.queries.any && !model.keys.any;
  }

  function parts(model, focus) {
    if (!focus) return [field("", hint(), "hl-idle")];
    const { q, k } = focus;
    if (q === null) {
      return [field("looked at", model.keys.texts[k], "hl-key"), list("most by", model.mostLooking(k, 3), model.queries, model)];
    }
    const looking = field("looking", model.queries.texts[q], "hl-query");
    if (model.empty(q)) return [looking, field("looked at", model.emptyNote(q), "hl-idle")];
    if (k === null) return [looking, list("looks most at", model.mostLookedAt(q, 3), model.keys, model)];
    const weight = model.allowed(q, k) ? model.say(model.at(q, k)) : "blocked";
    return [
      looking,
      field("looked at", model.keys.texts[k], "hl-key"),
      field("weight", weight, "hl-figures", about(model)),
      field("chance", model.chance(q).toFixed(3), "hl-figures", "one over the number of keys this row may look at"),
    ];
  }

  return { node, live, show, speak: (model, focus, pinned) => { live.textContent = sentence(model, focus, pinned); } };
}

function hint() {
  return matchMedia("(hover: hover)").matches ? "Point at a row to read it, click to keep it." : "Tap a row to read it.";
}

function sentence(model, focus, pinned) {
  if (!focus || focus.q === null) return "";
  const { q, k } = focus;
  const kept = pinned === q ? ", kept" : "";
  const row = `Row ${q + 1}, ${model.queries.texts[q]}${kept}`;
  if (model.empty(q)) return `${row}: ${model.emptyNote(q)}.`;
  if (k === null) {
    return `${row}, looks most at ${model.mostLookedAt(q, 3).map(([i, weight]) => `${model.keys.texts[i]} ${model.say(weight)}`).join(", ")}.`;
  }
  const weight = model.allowed(q, k) ? model.say(model.at(q, k)) : "blocked";
  return `${row}, looks at ${model.keys.texts[k]}: ${weight}; chance ${model.chance(q).toFixed(3)}.`;
}

// Each row's strongest key as a table nobody sees; in idle time, because no eye waits for it.
function describe(holder, model) {
  holder.replaceChildren();
  const fill = () => {
    const table = make("table");
    table.append(make("caption", "", `${model.title}: where each row looks most`));
    for (let q = 0; q < model.rows; q += 1) {
      const line = make("tr");
      const [best] = model.mostLookedAt(q, 1);
      line.append(verbatim(make("th", "", model.queries.texts[q])));
      line.append(best ? verbatim(make("td", "", model.keys.texts[best[0]])) : make("td", "", model.empty(q) ? model.emptyNote(q) : "nothing"));
      line.append(make("td", "", best ? model.say(best[1]) : ""));
      table.append(line);
    }
    holder.replaceChildren(table);
  };
  if (model.rows <= 128) (window.requestIdleCallback || setTimeout)(fill);
  else holder.textContent = `${model.rows} rows: move through them with the arrow keys to hear each one.`;
}

// The color bar. Color runs with sqrt(weight / largest), so the ticks stand where their weights are, not evenly.
function drawScale(node, model, theme) {
  const bar = make("div", "hl-bar");
  bar.style.backgroundImage = `linear-gradient(to right, ${theme.stops.join(", ")})`;
  const ticks = make("div", "hl-ticks");
  const text = (weight) => String(Number(weight.toFixed(weight < 0.1 ? 3 : 2)));
  const between = [0.5, 0.25, 0.1, 0.05, 0.01, 0.001].filter((weight) => weight < model.max);
  const kept = [0, 1];
  for (const weight of between) {
    const at = Math.sqrt(weight / model.max);
    if (kept.every((other) => Math.abs(other - at) > 0.24)) kept.push(at);
  }
  for (const at of kept.sort((one, other) => one - other)) {
    const tick = make("span", "hl-tick", text(at * at * model.max));
    tick.style.left = `${100 * at}%`;
    ticks.append(tick);
  }
  node.replaceChildren(make("span", "hl-name", "weight"), bar, ticks);
  node.hidden = model.max <= 0;
}

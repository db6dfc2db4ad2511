// Languages down, tokenizers across, a bar behind every number. `read()` gives {value, price}; a click on a column's name sorts.

function mountLanguageTable(root, read) {
  root.classList.add("hl-figure", "hl-prices");
  const holder = make("div", "hl-prices-holder");
  const caption = make("p", "hl-caption");
  root.replaceChildren(holder, caption);
  const order = { column: -1, down: false };

  function draw() {
    const { value: given, price } = read();
    const value = given || null;
    const measure = value && value.numbers[price] ? price : Object.keys(value?.numbers || {})[0];
    caption.textContent = value?.caption || "";
    holder.replaceChildren(...(value ? [priceTable(value, measure, order, (column) => {
      Object.assign(order, column === order.column ? { down: !order.down } : { column, down: column >= 0 });
      draw();
      holder.querySelectorAll("button")[column + 1]?.focus();
    })] : []));
    tone();
    stamp(root, value ? value.titles[measure] : "");
  }

  const tone = () => root.style.setProperty("--hl-tone", readTheme(root).ramp.css[150]);
  watchSurroundings(root, tone);
  return { draw };
}

function priceTable({ languages, columns, numbers, titles }, measure, order, sort) {
  const rows = languages.map((language, i) => ({ language, numbers: numbers[measure][i], unknown: numbers.unknown?.[i] ?? [] }));
  const largest = Math.max(...rows.flatMap((row) => row.numbers.map((one) => one ?? 0)), 1e-9);
  const at = (row) => (order.column < 0 ? row.language.name : row.numbers[order.column]);
  const known = rows.filter((row) => at(row) !== null).sort((one, other) => (at(one) < at(other) ? -1 : at(one) > at(other) ? 1 : 0) * (order.down ? -1 : 1));
  const table = make("table", "hl-prices-table");
  table.append(make("caption", "hl-hidden", `${titles[measure]} by language`));
  const head = make("tr");
  head.append(...["Language", ...columns].map((name, i) => {
    const cell = make("th");
    const sorted = order.column === i - 1;
    cell.setAttribute("scope", "col");
    cell.setAttribute("aria-sort", sorted ? (order.down ? "descending" : "ascending") : "none");
    const button = make("button", "", name);
    button.type = "button";
    button.append(make("span", "hl-prices-arrow", sorted ? (order.down ? "↓" : "↑") : ""));
    button.addEventListener("click", () => sort(i - 1));
    cell.append(button);
    return cell;
  }));
  const whole = rows.flatMap((row) => row.numbers).every((one) => one === null || Number.isInteger(one));
  const body = make("tbody");
  body.append(...[...known, ...rows.filter((row) => at(row) === null)].map((row) => priceRow(row, largest, whole ? 0 : 2)));
  const top = make("thead");
  top.append(head);
  table.append(top, body);
  return table;
}

function priceRow({ language, numbers, unknown }, largest, digits) {
  const row = make("tr");
  const name = make("th", "", language.name);
  const own = verbatim(make("bdi", "", language.own === language.name ? "" : language.own));
  own.lang = language.code;
  name.append(own);
  name.setAttribute("scope", "row");
  row.append(name, ...numbers.map((one, i) => {
    const cell = make("td");
    const box = make("div", "hl-price");
    const bar = make("span", "hl-price-track");
    const fill = make("span", `hl-price-fill${unknown[i] ? " hl-unknown" : ""}`);
    if (unknown[i]) cell.title = `${unknown[i]} unknown pieces`;
    fill.style.width = `${(100 * (one ?? 0)) / largest}%`;
    bar.append(fill);
    box.append(bar, make("span", "hl-number", one === null ? "–" : one.toFixed(digits)));
    cell.append(box);
    return cell;
  }));
  return row;
}

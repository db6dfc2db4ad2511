// A small table, seen and heard as one: it needs no second text.

LAB_KINDS.table = labTable;

function labTable(lab, frame) {
  const holder = make("div", "hl-table-holder");
  frame.body.append(holder);
  return {
    size: (value) => `${value.rows.length}x${value.header.length}`,
    show(value) {
      const table = tableOf(value.header, value.rows);
      table.className = "hl-table";
      [...table.querySelectorAll("tr")].forEach((row, r) => {
        for (const c of value.numeric) row.children[c].classList.add("hl-right");
        row.classList.toggle("hl-chosen", value.selected !== null && r === value.selected + 1);
      });
      holder.replaceChildren(table);
    },
    say: (value) => `table of ${value.rows.length} rows: ${value.header.join(", ")}`,
    text: () => null,
  };
}

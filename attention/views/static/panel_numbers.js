// Large numbers in a row: a name, the number, what was expected and, in words, whether it agrees.

LAB_KINDS.numbers = labNumbers;

function labNumbers(lab, frame) {
  const list = make("dl", "hl-numbers");
  frame.body.append(list);
  const item = () => {
    const node = make("div", "hl-number-item");
    const text = make("dd", "hl-large");
    text.append(make("span"), make("span", "hl-unit"));
    node.append(make("dt"), text, make("dd", "hl-expected"));
    return node;
  };
  const after = ({ note, state }) => [note, state].filter(Boolean).map(worded).join(", ");
  return {
    size: (value) => value.items.length,
    show(value) {
      fillRows(list, value.items.length, item);
      list.classList.toggle("hl-noted", value.items.some((one) => after(one)));
      value.items.forEach((one, i) => {
        const [name, text, note] = list.children[i].children;
        name.textContent = one.name;
        text.firstChild.textContent = one.text;
        text.lastChild.textContent = one.unit;
        note.replaceChildren(...(one.state ? [make("span", `hl-state hl-${one.state}`, one.state)] : []), make("bdi", "", one.note));
      });
    },
    say: (value) => value.items.map((one) => [one.name, one.text, one.unit, after(one)].filter(Boolean).map(worded).join(" ")).join("; "),
    text: (value) => ({ head: ["name", "value", "note"], rows: value.items.map((one) => [one.name, `${one.text} ${one.unit}`.trim(), after(one)]) }),
  };
}

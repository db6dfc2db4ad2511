// What panels with a row per token share: which one is pointed at, which is lit or heard, and how wide its columns are.

// sayRow(value, i): the number of a row, which stands beside its word for those who see it.
function tokenRows(lab, frame, list, sayRow) {
  const count = () => frame.value.labels.texts.length;
  return {
    at(event) {
      const row = event.target.closest(".hl-row");
      const i = row ? [...list.children].indexOf(row) : -1;
      return i < 0 ? null : focusOnToken(frame, i);
    },
    move: (focus, down, across) => focusOnToken(frame, steppedTo(tokenInFocus(frame, focus, count()), down + across, count())),
    hear(focus) {
      const i = tokenInFocus(frame, focus, count());
      return i === null ? "" : `${frame.value.labels.texts[i]} ${sayRow(frame.value, i)}`;
    },
    light(focus) {
      const lit = tokenInFocus(frame, focus, count());
      list.dataset.role = frame.value.linked || "key";
      [...list.children].forEach((row, i) => row.classList.toggle("hl-lit", i === lit));
    },
  };
}

// Words and numbers stand in columns: as wide as the widest, words at most a third of the panel.
function sizeRows(lab, { body, width }, words, numbers) {
  const widest = (texts, font) => Math.max(16, ...texts.map((text) => lab.pen.width(text, font)));
  body.style.setProperty("--hl-word", `${Math.ceil(Math.min(widest(words, `bold 13px ${lab.theme.mono}`), width * 0.34))}px`);
  body.style.setProperty("--hl-digits", `${Math.ceil(widest(numbers, `13px ${lab.theme.mono}`))}px`);
}

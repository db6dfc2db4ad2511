// Attention as mixing paint: each token's color, how much of it is taken, and the mixture.

LAB_KINDS.swatches = labSwatches;

function labSwatches(lab, frame) {
  const list = make("div", "hl-rows");
  const mix = make("div", "hl-mix");
  const strip = make("div", "hl-strip");
  const result = make("div", "hl-mixed");
  mix.append(make("span", "hl-word"), strip, result);
  frame.body.append(list, mix);
  const row = () => {
    const node = make("div", "hl-row hl-row-swatch");
    const track = make("span", "hl-track");
    track.append(make("span", "hl-fill"));
    node.append(make("span", "hl-swatch"), verbatim(make("bdi", "hl-word")), track, make("span", "hl-number"));
    return node;
  };
  const sayPart = (value, i) => (value.blocked.includes(i) ? value.blocked_note : value.weights[i].toFixed(2));
  return {
    ...tokenRows(lab, frame, list, sayPart),
    size: (value) => value.weights.length,
    show(value) {
      sizeRows(lab, frame, [...value.labels.texts, worded(value.output_name)], value.weights.map((weight) => weight.toFixed(2)));
      for (const part of [list, mix]) part.classList.toggle("hl-mirrored", value.mirrored);
      fillRows(list, value.weights.length, row);
      value.weights.forEach((weight, i) => {
        const [swatch, word, track, number] = list.children[i].children;
        const blocked = value.blocked.includes(i);
        list.children[i].className = `hl-row hl-row-swatch${blocked ? " hl-none" : ""}${value.selected === i ? " hl-chosen" : ""}`;
        swatch.style.backgroundColor = blocked ? "" : value.colors[i];
        word.textContent = value.labels.texts[i];
        track.firstChild.style.width = `${100 * Math.min(1, weight)}%`;
        track.firstChild.style.backgroundColor = value.colors[i];
        number.textContent = sayPart(value, i);
      });
      showMixture(mix, strip, result, value);
    },
    say: (value) => (value.mixed ? `${value.output_name} is ${value.mixed}, mixed from ${value.weights.map((weight, i) => [weight, i]).sort((one, other) => other[0] - one[0]).slice(0, 3).map(([weight, i]) => `${weight.toFixed(2)} ${value.labels.texts[i]}`).join(", ")}` : `${value.output_name}: no allowed key, no color`),
    text: (value) => ({
      head: ["token", "weight", "color"],
      rows: [...value.weights.map((_, i) => [value.labels.texts[i], sayPart(value, i), value.colors[i]]), [value.output_name, "", value.mixed || "no allowed key"]],
    }),
  };
}

function showMixture(mix, strip, result, value) {
  mix.firstChild.textContent = value.output_name;
  fillRows(strip, value.weights.length, () => make("span", "hl-part"));
  value.weights.forEach((weight, i) => {
    strip.children[i].style.flexGrow = weight;
    strip.children[i].style.backgroundColor = value.colors[i];
  });
  result.style.backgroundColor = value.mixed || "";
  result.classList.toggle("hl-none", !value.mixed);
  result.textContent = value.mixed ? "" : "no allowed key";
}

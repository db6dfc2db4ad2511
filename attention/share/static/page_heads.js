// The choice among heads: the grid with all of them packed in one text, or the findings with theirs.

// The grid or the cards; picking one draws its head.
async function startChooser(mount, data, shown, views) {
  const codes = data.packed ? await inflated(data.packed.data) : null;
  const value = codes ? { ...data.chooser, ...thumbsOf(data.chooser, codes, data.levels.token) } : data.chooser;
  const first = value.selected;
  const pick = (_, { layer, head }) => {
    const name = headName(layer, head);
    shown.selected = [layer, head];
    // The head that the page opened with came in more bits than the others.
    if (codes) shown.levels = data.levels.token.title === name ? data.levels : levelsOf(data, codes, layer, head);
    else if (data.heads[name]) shown.levels = { token: data.heads[name] };
    views[0].draw();
    document.querySelector(".hl-picture").scrollIntoView({ block: "nearest" });
  };
  const chooser = mount(document.querySelector(".hl-chooser"), () => ({ value, selected: shown.selected ?? first }), pick);
  views.push(chooser);
  chooser.draw();
}

async function inflated(text) {
  const stream = new Blob([bytesOf(text)]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

function base64Of(bytes) {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}

// The pictures of one head at each level, from the codes of all.
function levelsOf({ levels, packed }, codes, layer, head) {
  const at = layer * packed.heads + head;
  const n = levels.token.weights.rows;
  const token = codes.subarray(at * n * n, (at + 1) * n * n);
  const found = { token };
  if (levels.word) found.word = wordCodes(token, packed, n, codes.subarray(packed.count * n * n), at);
  for (const name of Object.keys(found)) {
    const side = Math.sqrt(found[name].length);
    const rows = Array.from({ length: side }, (_, i) => i);
    const layers = packed.layers[name];
    const title = headName(layer, head);
    found[name] = {
      ...levels[name], ...(layers[layer] ?? layers[0]), title,
      weights: { rows: side, cols: side, bits: 8, data: base64Of(found[name]) },
      empty_rows: rows.filter((q) => found[name].subarray(q * side, (q + 1) * side).every((code) => code === 0)),
      caption: packed.caption.before + title + packed.caption[name],
    };
  }
  return found;
}

// Summed over a key's tokens, averaged over a query's; then the step or two that rounding took.
function wordCodes(token, { words }, n, corrections, at) {
  const side = words.length;
  return Uint8Array.from({ length: side * side }, (_, i) => {
    const [[top, bottom], [left, right]] = [words[Math.floor(i / side)], words[i % side]];
    let sum = 0;
    for (let q = top; q <= bottom; q += 1) for (let k = left; k <= right; k += 1) sum += token[q * n + k] ** 2;
    const worked = Math.min(255, Math.floor(Math.sqrt(sum / (bottom - top + 1)) + 0.5));
    return (worked + corrections[at * side * side + i]) & 255;
  });
}

// The largest code under each pixel of each thumbnail, as views/head_grid.py pools, columns as in the large picture.
function thumbsOf({ rows, cols, n_layers: layers, n_heads: heads }, codes, { weights: { rows: n }, mirrored }) {
  const data = new Uint8Array(layers * heads * rows * cols);
  for (let i = 0; i < data.length; i += 1) {
    const [y, x, at] = [Math.floor(i / cols) % rows, mirrored ? cols - 1 - (i % cols) : i % cols, Math.floor(i / (rows * cols))];
    const [bottom, right] = [Math.ceil(((y + 1) * n) / rows), Math.ceil(((x + 1) * n) / cols)];
    for (let q = Math.floor((y * n) / rows); q < bottom; q += 1) {
      for (let k = Math.floor((x * n) / cols); k < right; k += 1) data[i] = Math.max(data[i], codes[(at * n + q) * n + k]);
    }
  }
  return { data: base64Of(data) };
}

// The head figure's value as questions a picture can ask.

function parseHead(value) {
  const { rows, cols, bits } = value.weights;
  const codes = decodeCodes(value.weights);
  const mask = decodeMask(value.allowed, rows, cols);
  const queries = parseLabels(value.queries);
  const keys = value.keys ? parseLabels(value.keys) : queries;
  const outline = value.outline?.all ? new Uint8Array(rows * cols).fill(1) : decodeMask(value.outline, rows, cols);
  const bare = new Set(value.empty_rows || []);
  const allowed = (q, k) => !mask || mask[q * cols + k] === 1;
  const count = new Uint16Array(rows);
  let largestCode = 0;
  for (let q = 0; q < rows; q += 1) {
    for (let i = q * cols; i < (q + 1) * cols; i += 1) {
      if (mask && mask[i] !== 1) continue;
      count[q] += 1;
      if (codes[i] > largestCode) largestCode = codes[i];
    }
  }
  const top = 2 ** bits - 1;
  const at = (q, k) => (codes[q * cols + k] / top) ** 2;
  const empty = (q) => count[q] === 0 || bare.has(q);
  return {
    rows, cols, queries, keys, codes, largestCode, at, allowed, empty,
    max: (largestCode / top) ** 2,
    title: value.title || "",
    caption: value.caption || "",
    mirrored: Boolean(value.mirrored),
    outlined: outline && ((q, k) => q >= 0 && k >= 0 && q < rows && k < cols && outline[q * cols + k] === 1),
    exact: bits === 16,
    blocked: (q, k) => empty(q) || !allowed(q, k),
    open: bare.size === 0 && count.every((n) => n === cols), // no pair is blocked
    emptyNote: (q) => (bare.has(q) ? value.empty_note : "no key allowed"),
    chance: (q) => 1 / Math.max(1, count[q]),
    // Where on the ramp: even steps of tone are even steps of sqrt(weight), so that 1% is not white.
    tone: (q, k) => (largestCode > 0 ? codes[q * cols + k] / largestCode : 0),
    // The keys a row looks at most, the rows that look most at a key: [index, weight], largest first.
    mostLookedAt: (q, n) => largest(cols, (k) => (allowed(q, k) ? at(q, k) : 0), empty(q) ? 0 : n),
    mostLooking: (k, n) => largest(rows, (q) => (allowed(q, k) && !empty(q) ? at(q, k) : 0), n),
    say: (weight) => (bits === 16 ? weight.toFixed(3) : `≈${weight.toFixed(2)}`),
  };
}

function parseLabels(coded) {
  const special = new Set(coded.special);
  return { texts: coded.texts, special: (i) => special.has(i), note: (i) => (coded.notes || {})[i] || "", any: Object.keys(coded.notes || {}).length > 0 };
}

function largest(count, weight, n) {
  return Array.from({ length: count }, (_, i) => [i, weight(i)])
    .filter((pair) => pair[1] > 0)
    .sort((one, other) => other[1] - one[1])
    .slice(0, n);
}

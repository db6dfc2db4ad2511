// A lab's matrix as questions, and where everything of it stands. Nothing here draws.

const LAB_CELL = 40;
const LAB_TALLEST = 480;

function parseMatrix(value) {
  const { rows, cols, bits, low, high } = value.values;
  const codes = decodeCodes(value.values);
  const mask = decodeMask(value.allowed, rows, cols);
  const top = 2 ** bits - 4; // the three codes above: -inf, inf, NaN
  const step = (high - low) / top;
  const special = [-Infinity, Infinity, NaN];
  const at = (r, c) => {
    const code = codes[r * cols + c];
    return code > top ? special[code - top - 1] : low + step * code;
  };
  const bare = new Set(value.empty_rows);
  if (mask) {
    for (let r = 0; r < rows; r += 1) if (!mask.subarray(r * cols, (r + 1) * cols).includes(1)) bare.add(r);
  }
  const blocked = (r, c) => bare.has(r) || (mask !== null && mask[r * cols + c] !== 1);
  const names = (coded) => ({ text: (i) => (coded ? coded.texts[i] : String(i)), special: new Set(coded?.special), ticks: !coded, texts: coded?.texts });
  return {
    rows, cols, at, blocked,
    empty: (r) => bare.has(r),
    open: !mask && bare.size === 0,
    row: names(value.rows),
    column: names(value.columns),
    // 0 to 1 along the ramp; -1 where there is nothing to color. Even steps of sqrt(weight), so that 1% is not white.
    tone: (r, c) => {
      const number = at(r, c);
      if (!Number.isFinite(number) || blocked(r, c)) return -1;
      const share = clamp((number - value.low) / (value.high - value.low), 0, 1);
      return value.ramp === "weights" ? Math.sqrt(share) : share;
    },
    say: (r, c) => (bare.has(r) ? value.empty_note : blocked(r, c) ? value.blocked_text || "blocked" : sayNumber(at(r, c), value.digits + (value.ramp === "weights" ? 1 : 0))),
  };
}

// Cells are square where that is neither flat nor tall; long matrices are one image as wide as there is room.
function matrixLayout(model, value, pen, theme, width) {
  const { small } = value;
  const font = (size, bold = false) => `${bold ? "bold " : ""}${size}px ${theme.mono}`;
  const widest = (names, measure) => Math.ceil(Math.max(8, ...(names.texts || []).map(measure)));
  const labels = model.row.ticks ? pen.width(String(model.rows), font(11)) : widest(model.row, (text) => pen.width(text, font(12)));
  const above = model.column.ticks ? 12 : Math.min(112, widest(model.column, (text) => standingLength(pen, text, font(12), 12)));
  const room = Math.ceil(Math.min(labels, 112, width * 0.24));
  // Of a right-to-left sentence: row labels on the right, and columns from right to left where they are tokens.
  const turned = value.mirrored && Boolean(value.columns || value.linked[1]);
  const sided = turned || (value.mirrored && Boolean(value.rows || value.linked[0]));
  const x = small || sided ? 1 : 18 + room + 6;
  const lead = small ? 1 : 18 + room + 6;
  const y = small ? 1 : 18 + above + 6;
  const fit = Math.min(LAB_CELL, (width - lead - 1) / model.cols);
  const square = Math.min(fit, LAB_TALLEST / model.rows);
  const long = Math.max(model.rows, model.cols) > 32 && model.rows !== model.cols;
  const cellWidth = onPixels(long ? fit : square);
  const cellHeight = onPixels(long ? Math.min(LAB_CELL, clamp((width - lead) * 0.4, 96, 260) / model.rows) : square);
  const size = clamp(Math.round(Math.min(cellWidth, cellHeight) * 0.85), 9, 12);
  const across = model.cols * cellWidth;
  return {
    x, y, labels: room, above, font, size, cellWidth, cellHeight, across, turned, sided,
    left: (c) => (turned ? model.cols - 1 - c : c) * cellWidth,
    columnAt: (at) => (turned ? model.cols - 1 - Math.floor(at / cellWidth) : Math.floor(at / cellWidth)),
    down: model.rows * cellHeight,
    height: y + Math.max(model.rows * cellHeight, small ? 0 : 92) + 3,
  };
}

// Small cells end on whole device pixels, or some would look twice as wide; unless that takes much of the room.
function onPixels(cell) {
  const ratio = window.devicePixelRatio || 1;
  const whole = Math.floor(cell * ratio + 0.01) / ratio;
  return cell < 12 && whole >= 0.85 * cell ? whole : cell;
}

// Which of the rows or columns are labeled: all that fit, round positions as ticks, and always those that matter now.
function matrixLabels(names, count, cell, size, apart, always) {
  const shown = [];
  if (names.ticks) {
    const step = roundTicks(0, Math.max(1, count - 1), Math.max(1, (count * cell) / apart))[1] || 1;
    for (let i = 0; i < count; i += Math.max(1, Math.round(step))) shown.push(i);
  } else {
    const step = cell >= size ? 1 : Math.ceil((size + 3) / cell);
    for (let i = 0; i < count; i += step) shown.push(i);
  }
  const room = names.ticks ? apart * 0.7 : size + 2;
  const kept = shown.filter((i) => always.every((other) => other === i || Math.abs(other - i) * cell >= room || (cell >= size && !names.ticks)));
  return [...new Set([...kept, ...always])];
}

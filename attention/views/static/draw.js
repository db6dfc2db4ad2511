// Shared by every picture: coded numbers, colors, crisp canvases, and when to draw again.

function bytesOf(base64) {
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(base64);
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i += 1) bytes[i] = text.charCodeAt(i);
  return bytes;
}

// The codes of coding.encode, round((2^bits - 1) sqrt(weight)), one after the other.
function decodeCodes(coded) {
  const bytes = bytesOf(coded.data);
  if (coded.bits === 8) return bytes;
  return Uint16Array.from({ length: bytes.length / 2 }, (_, i) => bytes[2 * i] + 256 * bytes[2 * i + 1]); // little-endian
}

// The inverse of coding.encode_mask: one byte per pair, 1 where allowed; null when all are.
function decodeMask(coded, rows, cols) {
  if (!coded) return null;
  const allowed = new Uint8Array(rows * cols);
  if (coded.causal) {
    for (let q = 0; q < rows; q += 1) allowed.fill(1, q * cols, q * cols + Math.min(q + 1, cols));
    return allowed;
  }
  if (coded.spans) {
    const bytes = bytesOf(coded.spans);
    for (let q = 0; q < rows; q += 1) {
      const start = bytes[4 * q] + 256 * bytes[4 * q + 1];
      const end = bytes[4 * q + 2] + 256 * bytes[4 * q + 3];
      allowed.fill(1, q * cols + start, q * cols + end);
    }
    return allowed;
  }
  const bytes = bytesOf(coded.bits);
  for (let i = 0; i < allowed.length; i += 1) allowed[i] = (bytes[i >> 3] >> (7 - (i & 7))) & 1;
  return allowed;
}

function rgbOf(hex) {
  return [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
}

// 256 colors along the ramp: `pixel` for image data, `css` for rectangles, `text` the color readable on it.
function rampTable(stops, ink, paper) {
  const colors = stops.map(rgbOf);
  const light = (rgb) => rgb.reduce((sum, part, i) => sum + [0.2126, 0.7152, 0.0722][i] * (part / 255) ** 2.2, 0);
  const contrast = (one, other) => (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
  const [onInk, onPaper] = [light(rgbOf(ink)), light(rgbOf(paper))];
  const table = { pixel: new Uint8ClampedArray(256 * 4), css: [], text: [] };
  for (let i = 0; i < 256; i += 1) {
    const at = (i / 255) * (colors.length - 1);
    const low = Math.min(Math.floor(at), colors.length - 2);
    const rgb = colors[low].map((part, j) => Math.round(part + (at - low) * (colors[low + 1][j] - part)));
    table.pixel.set([...rgb, 255], 4 * i);
    table.css.push(`rgb(${rgb.join(" ")})`);
    table.text.push(contrast(light(rgb), onInk) > contrast(light(rgb), onPaper) ? ink : paper);
  }
  return table;
}

// The colors and fonts that apply to a node now. The fallbacks only keep a page without the palette readable.
// `last`: what was read before; its table, and so the images made with it, stay good while the colors are the same.
function readTheme(node, last = null) {
  const style = getComputedStyle(node);
  const get = (name, fallback) => style.getPropertyValue(name).trim() || fallback;
  const theme = { mono: get("--hl-mono", "monospace"), sans: get("--hl-sans", "sans-serif") };
  for (const name of ["muted", "line", "accent", "query", "key"]) theme[name] = get(`--${name}`, "#777777");
  theme.paper = get("--paper", "#FFFFFF");
  theme.ink = get("--ink", "#000000");
  theme.stops = get("--ramp", `${theme.paper},${theme.ink}`).split(",").map((stop) => stop.trim());
  theme.colors = [theme.ink, theme.paper, ...theme.stops].join();
  theme.ramp = last?.colors === theme.colors ? last.ramp : rampTable(theme.stops, theme.ink, theme.paper);
  return theme;
}

// Sizes a canvas in CSS pixels at the screen's own resolution and returns its context, cleared.
function crisp(canvas, width, height) {
  const scale = window.devicePixelRatio || 1;
  const [across, down] = [Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale))];
  if (canvas.width !== across || canvas.height !== down) Object.assign(canvas, { width: across, height: down });
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  const context = canvas.getContext("2d");
  context.setTransform(scale, 0, 0, scale, 0, 0);
  context.clearRect(0, 0, width, height);
  return context;
}

// A small image: `fill(pixels, colors)` sets each pixel to one of the ramp's 256 colors, or leaves it transparent.
function pixelImage(width, height, theme, fill) {
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width, height });
  const image = new ImageData(width, height);
  fill(new Uint32Array(image.data.buffer), new Uint32Array(theme.ramp.pixel.buffer)); // a color is four bytes
  canvas.getContext("2d").putImageData(image, 0, 0);
  return canvas;
}

// The same where pixel (x, y) has the color of tone(x, y) in 0..1, none where tone is negative.
function toneImage(width, height, tone, theme) {
  return pixelImage(width, height, theme, (pixels, colors) => {
    for (let y = 0; y < height; y += 1) {
      for (let x = 0; x < width; x += 1) {
        const at = tone(x, y);
        if (at >= 0) pixels[y * width + x] = colors[Math.round(255 * Math.min(1, at))];
      }
    }
  });
}

// An element with a class and text. Text only ever goes through textContent: tokens are what visitors typed.
function make(tag, className = "", text = "") {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text) node.textContent = text;
  return node;
}

// What a visitor typed, a token, a name: the same in every language of the page.
function verbatim(node) {
  node.setAttribute("translate", "no");
  return node;
}

function clamp(value, low, high) {
  return Math.min(high, Math.max(low, value));
}

function headName(layer, head) {
  return `L${layer}H${head}`;
}

// One drawing per frame, however often it is asked for.
function oncePerFrame(paint) {
  let waiting = false;
  return () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      paint();
    });
  };
}

// Calls back when the picture must be drawn again though its data is the same: size, light or dark, language, fonts arriving.
function watchSurroundings(root, again) {
  let width = root.clientWidth;
  new ResizeObserver(() => {
    if (root.clientWidth === width) return;
    width = root.clientWidth;
    again();
  }).observe(root);
  const theme = new MutationObserver(() => (root.isConnected ? again() : theme.disconnect()));
  for (const node of [document.documentElement, document.body]) {
    theme.observe(node, { attributes: true, attributeFilter: ["class"] });
  }
  document.addEventListener("hl-language", () => root.isConnected && again());
  document.fonts?.addEventListener("loadingdone", () => root.isConnected && again());
}

// Tells tests (and nobody else) that a drawing is finished.
function stamp(root, title) {
  root.dataset.stamp = String(Number(root.dataset.stamp || 0) + 1);
  root.dataset.title = title || "";
}

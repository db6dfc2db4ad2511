// Labels, buttons and messages in another language, written over the English ones in the page itself; the server only ever
// speaks English. The English sentence is the key (data/words). In English nothing is watched and nothing costs.
const tongue = { code: "en", exact: new Map(), shapes: [], found: new Map(), observer: null };
const written = new WeakMap(); // node -> { attribute or "" for its text: { source, shown } }
const SPOKEN = ["aria-label", "title", "placeholder"];
const UNSPOKEN = '[translate="no"], script, style, code, pre, .md, .hl-lab-guess label, .hl-glossary, .katex';
const GAP = /\{(\w+)(?:!(\w))?(?::[^{}]*)?\}/g;

// A sentence in the language of the page; what has no translation stays as it is.
function translate(text) {
  if (tongue.code === "en" || !/\p{L}/u.test(text)) return text;
  let found = tongue.found.get(text);
  if (found === undefined) {
    if (tongue.found.size > 5000) tongue.found.clear();
    found = lookUp(text) ?? text;
    tongue.found.set(text, found);
  }
  return found;
}

// Whole, by a sentence with gaps, then part by part: captions are parts with dots between, notices sentences in a row. What
// stands between isolates is a visitor's own and is never cut.
const BETWEEN = [" · ", "\n", /(?<=[.?]) (?=\S)/u, "; "];
const NAMED_NUMBER = /^(.*\p{L}.*) (≈?[−-]?\d[\d.,×⁰¹²³⁴-⁹⁻%]*(?<![.,])|[–∞]|NaN)$/su;

function lookUp(text) {
  const [, before, core, after] = /^(\s*)(.*?)(\s*)$/su.exec(text);
  if (/^“?\u2068[^\u2069]*\u2069”?$/u.test(core)) return null;
  let found = whole(core);
  for (const between of BETWEEN) found ??= inParts(core, between);
  found ??= (core.endsWith(".") ? unended(core) : null) ?? named(core) ?? filled(core, "loose");
  return found === null ? null : before + found + after;
}

// As it is, as it would be at the start of a sentence, or as a sentence that lost its full stop.
function whole(core) {
  const found = tongue.exact.get(core) ?? filled(core);
  if (found !== null) return found;
  const raised = /^\p{Ll}/u.test(core) ? tongue.exact.get(core[0].toUpperCase() + core.slice(1)) : undefined;
  if (raised !== undefined) return raised[0].toLowerCase() + raised.slice(1);
  if (core.endsWith(".")) return null;
  const ended = tongue.exact.get(`${core}.`) ?? filled(`${core}.`);
  return ended?.endsWith(".") ? ended.slice(0, -1) : null;
}

function unended(core) {
  const found = lookUp(core.slice(0, -1));
  return found === null ? null : `${found}.`;
}

function inParts(text, between) {
  const parts = text.split(between);
  if (parts.length < 2 || parts.some((part) => part.split("\u2068").length !== part.split("\u2069").length)) return null;
  const found = parts.map((part) => lookUp(part));
  if (found.every((part) => part === null)) return null;
  const said = found.map((part, i) => part ?? parts[i]);
  // Each isolated in a line that runs from right to left, or a name in Latin letters pulls its neighbors out of their order.
  if (between === " · " && document.documentElement.dir === "rtl") return `\u200f${said.map((part) => `\u2068${part}\u2069`).join(between)}`;
  return said.join(typeof between === "string" ? between : " ");
}

// A name and its number, or several of either: "Arabic 0.99, Chinese 1.00", "Arabic, Chinese".
function named(text) {
  const one = NAMED_NUMBER.exec(text);
  if (one && whole(one[1])) return `${whole(one[1])} ${one[2]}`;
  const [, start, list] = /^((?:\. )?)(.*)$/su.exec(text);
  const found = list.split(", ").map((part) => (/^[A-Z\d]*$/.test(part) ? part : whole(part)) ?? NAMED_NUMBER.exec(part)?.slice(1));
  if (found.length < 2 || found.includes(undefined)) return null;
  const shown = found.map((part) => (typeof part === "string" ? part : `${whole(part[0]) ?? part[0]} ${part[1]}`)).join(", ");
  return shown === list ? null : start + shown;
}

function filled(text, how = "strict") {
  for (const { longest, patterns, names, into } of tongue.shapes) {
    const match = text.includes(longest) && patterns[how].exec(text);
    if (!match) continue;
    const gaps = Object.fromEntries(names.map((name, i) => [name, match[i + 1]]));
    let told = /\p{L}/u.test(longest); // "{one}, {other}" alone says nothing
    const found = into.replace(GAP, (_, name, mark) => {
      const filling = mark === "t" ? translate(gaps[name]) : gaps[name];
      told ||= filling !== gaps[name];
      return filling;
    });
    if (told) return found;
  }
  return null;
}

// Sentences with gaps as patterns, the most telling first. A gap named n, n1 or n2 is a number; another one does not reach over the end of
// a sentence or of a part, unless nothing else fits: it may hold what a visitor wrote.
const NUMBER = "([\\d.,×⁰¹²³⁴-⁹⁻]+)";
const STRICT = "((?:(?! · |[.?;:] ).)*?)";
const LOOSE = "(.*?)";

function shapesOf(words) {
  const shapes = [];
  for (const [key, into] of Object.entries(words)) {
    const names = [...key.matchAll(GAP)].map(([, name]) => name);
    if (!names.length) continue;
    const literals = key.replace(GAP, "\u0000").split("\u0000");
    const escaped = literals.map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
    const longest = literals.reduce((one, other) => (other.length > one.length ? other : one));
    const pattern = (gap) => new RegExp(`^${escaped.map((part, i) => (i ? (/^n\d?$/.test(names[i - 1]) ? NUMBER : gap) + part : part)).join("")}${key.endsWith("}") ? "(?<!\\.)" : ""}$`, "u");
    shapes.push({ longest, patterns: { strict: pattern(STRICT), loose: pattern(LOOSE) }, names, into, weight: literals.join("").length });
  }
  return shapes.sort((one, other) => other.weight - one.weight);
}

// Writes one text over another, once: what it was is kept, and what the page itself writes later is a new source.
function write(node, name, now, put) {
  const known = written.get(node) ?? {};
  const source = known[name]?.shown === now ? known[name].source : now;
  const shown = translate(source);
  if (shown === now && !known[name]) return; // nothing to remember
  known[name] = { source, shown };
  written.set(node, known);
  if (shown !== now) put(shown);
}

const spoken = (element) => !element?.closest(UNSPOKEN);

function writeText(node) {
  if (spoken(node.parentElement)) write(node, "", node.data, (text) => { node.data = text; });
}

function writeAttributes(element) {
  for (const name of SPOKEN) {
    const now = element.getAttribute(name);
    if (now) write(element, name, now, (text) => element.setAttribute(name, text));
  }
}

// A list's own line shows its choice as a value, which no observer sees; while it is typed into it is left as typed.
function writeValues() {
  for (const input of document.querySelectorAll('input[role="combobox"]')) {
    if (spoken(input) && (input.readOnly || input !== document.activeElement)) write(input, "value", input.value, (text) => { input.value = text; });
  }
}

function writeAll(root) {
  if (root.nodeType === Node.TEXT_NODE) return writeText(root);
  if (root.nodeType !== Node.ELEMENT_NODE || root.closest(UNSPOKEN)) return undefined;
  const visible = (node) => (node.nodeType === Node.ELEMENT_NODE && node.matches(UNSPOKEN) ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT);
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT, visible);
  for (let node = root; node; node = walker.nextNode()) {
    if (node.nodeType === Node.TEXT_NODE) writeText(node);
    else writeAttributes(node);
  }
  return undefined;
}

function onMutations(mutations) {
  for (const { type, target, addedNodes } of mutations) {
    if (type === "characterData") writeText(target);
    else if (type === "attributes") spoken(target) && writeAttributes(target);
    else addedNodes.forEach(writeAll);
  }
  writeValues();
}

// The page in the language that is set now, and from now on.
function writePage() {
  tongue.observer?.disconnect();
  writeAll(document.body);
  writeValues();
  if (tongue.code === "en") return;
  tongue.observer ??= new MutationObserver(onMutations);
  tongue.observer.observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: SPOKEN });
}

// Typing starts from what the list itself says; leaving it shows the choice again.
document.addEventListener("focusin", ({ target }) => {
  const known = written.get(target)?.value;
  if (known && !target.readOnly && target.value === known.shown) target.value = known.source;
});
for (const name of ["focusout", "change", "click"]) document.addEventListener(name, () => tongue.code !== "en" && setTimeout(writeValues, 60));

// What an element said before it was translated.
function sourceOf(node) {
  if (node.nodeType === Node.TEXT_NODE) return written.get(node)?.[""]?.shown === node.data ? written.get(node)[""].source : node.data;
  return [...node.childNodes].map(sourceOf).join("");
}

const KEPT_LANGUAGE = "headlight.language";
const languageList = element.querySelector(".hl-language");
const languageCodes = [...languageList.options].map((option) => option.value);

function wantedLanguage() {
  let kept = null;
  try {
    kept = localStorage.getItem(KEPT_LANGUAGE);
  } catch {
    kept = null; // storage may be refused
  }
  const wanted = [new URLSearchParams(location.search).get("__lang"), kept, ...(navigator.languages ?? [])];
  return wanted.map((code) => String(code ?? "").split("-")[0].toLowerCase()).find((code) => languageCodes.includes(code)) ?? "en";
}

async function speak(code) {
  let words = {};
  if (code !== "en") {
    try {
      ({ words } = await (await fetch(`words/${code}.json`)).json());
    } catch {
      languageList.value = tongue.code; // the server does not answer: the page stays as it is
      return;
    }
  }
  if (languageList.value !== code) return; // another one was chosen meanwhile
  Object.assign(tongue, { code, exact: new Map(Object.entries(words)), shapes: shapesOf(words), found: new Map() });
  Object.assign(document.documentElement, { lang: code, dir: languageList.selectedOptions[0].dataset.direction });
  writePage();
  document.dispatchEvent(new CustomEvent("hl-language"));
}

languageList.addEventListener("change", () => {
  try {
    localStorage.setItem(KEPT_LANGUAGE, languageList.value);
  } catch {
    // then it lasts for this visit
  }
  speak(languageList.value);
});

window.headlight ??= {};
Object.assign(window.headlight, { translate, sourceOf });
languageList.value = wantedLanguage();
if (languageList.value !== "en") speak(languageList.value);

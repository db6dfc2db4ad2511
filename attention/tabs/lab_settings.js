// The settings of each lab that were moved, and the way from there to its figure: one small request, outside gradio's events, which
// look through the whole page for each component they name. Settings that were never moved are not kept; the server knows where
// they start. While one request is under way only the last move waits.
const labs = {};
const labOf = (stem) => (labs[stem] ??= { moved: {}, asked: null, shown: null, busy: false, drawing: false, answer: null });

// The figure of a lab is on the page. server: answers with the figure of some settings, or of a link. restore: has the controls
// say what a link said.
async function seat(stem, tab, server, restore) {
  const lab = labOf(stem);
  lab.answer = server.figure;
  const linked = new URLSearchParams(location.search).get("tab") === tab && !lab.asked;
  if (!linked) return ask(stem);
  lab.busy = true;
  lab.asked = "{}";
  let mine = {};
  await answered(stem, lab.asked, async () => {
    const found = await server.link(location.search);
    mine = { ...lab.moved }; // while the link was under way: the hand is later than the link
    return found;
  });
  if (lab.shown) lab.asked = inItsTerms(lab);
  Object.assign(lab.moved, mine);
  lab.busy = false;
  if (Object.keys(lab.moved).length) restore();
  return ask(stem);
}

// A figure is on the page: it says which settings it shows, and which of them the server moved: an answer shown in the figure,
// an example filled in, a head that does not exist. What was moved since an event of gradio's was sent is asked for now.
function settle(stem, tab, value) {
  window.headlight.shows(tab, value?.address);
  if (!value?.settings) return;
  const lab = labOf(stem);
  lab.shown = value.settings;
  Object.assign(lab.moved, value.moved);
  tellPowers(stem, value.settings);
  if (lab.drawing) return;
  lab.asked = inItsTerms(lab);
  ask(stem);
}

// What was moved, as the figure shows it.
function inItsTerms(lab) {
  return JSON.stringify(Object.fromEntries(Object.keys(lab.moved).map((name) => [name, lab.shown[name]])));
}

// A control was moved.
function move(stem, name, value) {
  labOf(stem).moved[name] = value;
  tellPowers(stem, { [name]: value });
  ask(stem);
}

// The figure as the settings are now, unless it is that already.
async function ask(stem) {
  const lab = labOf(stem);
  if (lab.busy || !lab.answer) return;
  lab.busy = true;
  for (let wanted = JSON.stringify(lab.moved); wanted !== lab.asked; wanted = JSON.stringify(lab.moved)) {
    lab.asked = wanted;
    if (!(await answered(stem, wanted, () => lab.answer(JSON.parse(wanted))))) break;
  }
  lab.busy = false;
}

// Puts an answer on the page, unless a later figure came before it; false where none came.
async function answered(stem, wanted, answer) {
  const { pictures } = window.headlight;
  const lab = labOf(stem);
  try {
    const { status, figure } = await answer();
    if (lab.asked !== wanted) return true;
    pictures[`hl-lab-${stem}-status`](status);
    lab.drawing = true;
    if (figure) pictures[`hl-lab-${stem}`](figure);
    return true;
  } catch {
    if (lab.asked !== wanted) return true;
    lab.asked = null;
    pictures[`hl-lab-${stem}-status`]({ parts: [["The server does not answer; move it once more.", ""]], kind: "error", share: null });
    return false;
  } finally {
    lab.drawing = false;
  }
}

// A slider that moves in powers of ten says what ten to its number is.
function tellPowers(stem, settings) {
  for (const [name, value] of Object.entries(settings)) {
    const block = document.getElementById(`hl-lab-${stem}-${name}`);
    if (!block?.classList.contains("hl-lab-power")) continue;
    const range = block.querySelector("input[type=range]");
    const power = (number) => String(Number((10 ** number).toPrecision(2)));
    for (const [place, number] of [[".tab-like-container", value], [".min_value", range?.min], [".max_value", range?.max]]) {
      const node = block.querySelector(place);
      if (node) node.dataset.shown = power(number);
    }
    range?.setAttribute("aria-valuetext", power(value));
  }
}

// Gradio's input event does not hear a slider's way back to its start.
document.addEventListener("click", (event) => {
  const range = event.target.closest?.(".hl-lab-form .reset-button")?.closest(".block").querySelector("input[type=range]");
  if (range) setTimeout(() => range.dispatchEvent(new Event("input", { bubbles: true })));
});

// For a listener whose inputs are these settings' controls: in their place goes everything that was moved so far.
function sending(stem, names) {
  return (...values) => {
    const { moved } = labOf(stem);
    names.forEach((name, at) => (moved[name] = values[at]));
    return [moved, ...values.slice(1).map(() => null)];
  };
}

// For a listener whose last input is no setting: it is sent after everything that was moved.
function sendingWith(stem) {
  return (_, value) => [labOf(stem).moved, value];
}

window.headlight ??= {};
Object.assign(window.headlight, { ask, move, seat, sending, sendingWith, settle });

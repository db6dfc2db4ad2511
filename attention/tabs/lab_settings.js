// The settings of each lab that were moved, and the way from there to its figure: one small request, outside gradio's events, which
// look through the whole page for each component they name. Settings that were never moved are not kept; the server knows where
// they start. While one request is under way only the last move waits.
const labs = {};
const labOf = (stem) => (labs[stem] ??= { moved: {}, asked: null, busy: false, answer: null });

// The figure of a lab is on the page. server: answers with the figure of some settings, or of a link. restore: has the controls
// say what a link said.
async function seat(stem, tab, server, restore) {
  const lab = labOf(stem);
  lab.answer = server.figure;
  const linked = new URLSearchParams(location.search).get("tab") === tab && !lab.asked;
  if (!linked) return ask(stem);
  lab.busy = true;
  lab.asked = "{}";
  await answered(stem, () => server.link(location.search));
  lab.busy = false;
  if (Object.keys(lab.moved).length) restore();
}

// The server moved some: an answer shown in the figure, an example filled in, a head that does not exist.
function settle(stem, tab, value) {
  window.headlight.shows(tab, value?.address);
  const lab = labOf(stem);
  if (!value?.moved) return;
  Object.assign(lab.moved, value.moved);
  if (Object.keys(value.moved).length) lab.asked = JSON.stringify(lab.moved);
}

// A control was moved.
function move(stem, name, value) {
  labOf(stem).moved[name] = value;
  ask(stem);
}

// The figure as the settings are now, unless it is that already.
async function ask(stem) {
  const lab = labOf(stem);
  if (lab.busy || !lab.answer) return;
  lab.busy = true;
  for (let wanted = JSON.stringify(lab.moved); wanted !== lab.asked; wanted = JSON.stringify(lab.moved)) {
    lab.asked = wanted;
    if (!(await answered(stem, () => lab.answer(JSON.parse(wanted))))) break;
  }
  lab.busy = false;
}

// Puts an answer on the page; false where none came.
async function answered(stem, answer) {
  const { pictures } = window.headlight;
  try {
    const { status, figure } = await answer();
    pictures[`hl-lab-${stem}-status`](status);
    if (figure) pictures[`hl-lab-${stem}`](figure);
    return true;
  } catch {
    labOf(stem).asked = null;
    pictures[`hl-lab-${stem}-status`]({ parts: [["The server does not answer; move it once more.", ""]], kind: "error", share: null });
    return false;
  }
}

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

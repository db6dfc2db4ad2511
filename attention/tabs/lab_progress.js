// Where a learner is, kept in this browser only: labs whose question was answered are ticked in the line that counts them.
const KEY = "headlight.labs";
const stem = element.closest('[id^="hl-lab-"]').id.replace(/^hl-lab-|-count$/g, "");

function answered() {
  try {
    return new Set(JSON.parse(localStorage.getItem(KEY)) || []);
  } catch {
    return new Set(); // storage may be refused or hold anything
  }
}

function show() {
  const line = element.querySelector(".hl-lab-count");
  if (!line) return;
  const done = answered();
  line.dataset.done = String(done.has(stem));
  line.dataset.answered = window.headlight.translate("answered");
  line.title = done.size ? `${done.size} of 7 questions answered in this browser` : "";
}

document.addEventListener("change", (event) => {
  if (!event.target.closest?.(`#hl-lab-${stem}-guess`)) return;
  try {
    localStorage.setItem(KEY, JSON.stringify([...answered().add(stem)]));
  } catch {
    return;
  }
  show();
});
document.addEventListener("hl-language", show);
show();

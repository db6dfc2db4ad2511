// Links between tabs: "#tab-softmax" opens a tab, "#term-entropy" the glossary at a term.
// Where the tabs do not fit side by side, gradio moves some of them into a menu.
function openTab(name) {
  const slug = (tab) => window.headlight.sourceOf(tab).trim().toLowerCase().replaceAll(" ", "-");
  const inMenu = [...document.querySelectorAll("#hl-tabs .overflow-dropdown button")].find((tab) => slug(tab) === name);
  const wanted = document.querySelector(`#hl-tabs [role="tab"][data-tab-id="${name}"]`) ?? inMenu;
  wanted?.click();
  return Boolean(wanted);
}

window.headlight ??= {};
window.headlight.openTab = openTab;

// The term may not be there yet: its tab is drawn when it is first opened.
function showTerm(name, patience = 40) {
  const term = document.getElementById(`term-${name}`);
  if (term?.offsetParent) {
    term.scrollIntoView({ block: "center" });
    term.focus({ preventScroll: true });
  } else if (patience > 0) setTimeout(() => showTerm(name, patience - 1), 50);
}

// A link to a place on this page was written when the address was another one; followed as it is, it would load the page again.
document.addEventListener("click", (event) => {
  const place = event.target.closest?.('a[href*="#hl-"]')?.hash;
  if (!place || !document.getElementById(place.slice(1))) return;
  event.preventDefault();
  location.hash = place;
});

document.addEventListener("click", (event) => {
  const target = event.target.closest?.('a[href^="#tab-"], a[href^="#term-"]');
  if (!target) return;
  event.preventDefault();
  const [, kind, name] = /^#(tab|term)-([\w-]+)$/.exec(target.getAttribute("href")) || [];
  if (kind === "tab" && openTab(name)) window.scrollTo({ top: 0 });
  if (kind === "term") {
    openTab("transformer");
    showTerm(name);
  }
});

// A link names its tab. The tabs may not be there yet.
function openLinked(name, patience = 100) {
  if (!openTab(name) && patience > 0) setTimeout(() => openLinked(name, patience - 1), 50);
}
const linkedTab = new URLSearchParams(location.search).get("tab");
if (linkedTab && /^[a-z-]{1,40}$/.test(linkedTab) && linkedTab !== "explore") openLinked(linkedTab);

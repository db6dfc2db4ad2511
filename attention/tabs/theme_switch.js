// Light or dark: gradio follows the system and `?__theme=`; this button, or the theme of a link, overrides both for the visit.
window.headlight ??= {};
const button = element.querySelector(".hl-theme");
const label = () => {
  button.textContent = document.body.classList.contains("dark") ? "Light" : "Dark";
};
function choose(theme) {
  window.headlight.chosenTheme = theme;
  document.body.classList.toggle("dark", theme === "dark");
  label();
  document.dispatchEvent(new CustomEvent("hl-theme"));
}
button.addEventListener("click", () => choose(document.body.classList.contains("dark") ? "light" : "dark"));
new MutationObserver(label).observe(document.body, { attributes: true, attributeFilter: ["class"] });
const linked = new URLSearchParams(location.search).get("theme");
if (linked === "light" || linked === "dark") choose(linked);
label();

// Light or dark: gradio follows the system and `?__theme=`; this button overrides both for the visit.
const button = element.querySelector(".hl-theme");
const label = () => {
  button.textContent = document.body.classList.contains("dark") ? "Light" : "Dark";
};
button.addEventListener("click", () => {
  document.body.classList.toggle("dark");
  label();
});
new MutationObserver(label).observe(document.body, { attributes: true, attributeFilter: ["class"] });
label();

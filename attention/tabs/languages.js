// Small scripts of the tab's listeners, each a function. languages.py splits at the rules.
// ---
// A head picked from the list is looked at above it.
(...all) => {
  const figure = document.querySelector("#hl-side");
  const { top } = figure.getBoundingClientRect();
  if (top < 0 || top > innerHeight / 3) figure.scrollIntoView({ block: "start" });
  return all;
};

// Small scripts of the explorer's listeners, each a function that hands on what it was given. explore.py splits at the rules.
// ---
// A phone shows the picked head at once.
(...all) => {
  if (innerWidth < 1000) document.querySelector("#hl-head")?.scrollIntoView({ block: "start" });
  return all;
};
// ---
// The page says that it is waiting before the server has heard of it.
(...all) => {
  document.querySelector("#hl-status .hl-picture")?.setAttribute("data-kind", "busy");
  return all;
};

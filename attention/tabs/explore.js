// Small scripts of the explorer's listeners, each a function. explore.py splits at the rules.
// ---
// A phone shows the picked head at once.
(...all) => {
  if (innerWidth < 1000) document.querySelector("#hl-head")?.scrollIntoView({ block: "start" });
  return all;
};
// ---
// The page says that it is waiting before the server has heard of it, and the clock for the first picture stops.
() => [{ parts: [["Reading", ""]], kind: "busy", share: null }, { __type__: "update", active: false }];

// Small scripts of listeners, each a function. _quiet.py splits at the rules.
// ---
// A phone shows the picked head at once.
(...all) => {
  if (innerWidth < 1000) document.querySelector("#hl-head")?.scrollIntoView({ block: "start" });
  return all;
};
// ---
// The page says that it is waiting before the server has heard of it.
() => ({ parts: [["Reading", ""]], kind: "busy", share: null });
// ---
// The same, where another visitor's work may come first.
() => ({ parts: [["Waiting for its turn", ""]], kind: "busy", share: null });
// ---
// Gradio tells of an option chosen with the mouse twice, the second time when its list closes. An event whose script throws
// goes nowhere, so the second one stops here.
(...all) => {
  const [last, now] = [window.hlChosen, { what: JSON.stringify(all.slice(0, 2)), at: performance.now() }];
  window.hlChosen = now;
  if (last?.what === now.what && now.at - last.at < 300) throw new Error("told twice");
  return all;
};

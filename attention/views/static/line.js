// One line of text. `read()` gives {value: {parts: [[text, style]], kind, share}}.

function mountLine(root, read) {
  root.classList.add("hl-line");
  root.setAttribute("aria-live", "polite");

  function draw() {
    const { parts = [], kind = "", share = null } = read().value || {};
    root.dataset.kind = kind;
    root.setAttribute("role", kind === "error" ? "alert" : "status");
    root.setAttribute("aria-busy", String(kind === "busy"));
    const spans = parts.map(([text, style]) => {
      const span = document.createElement("span");
      span.textContent = text;
      if (style) span.className = `hl-${style}`;
      return span;
    });
    if (share !== null) {
      const bar = document.createElement("progress");
      bar.max = 1;
      bar.value = share;
      bar.setAttribute("aria-label", "loading");
      spans.push(bar);
    }
    root.replaceChildren(...spans);
    root.dataset.stamp = String(Number(root.dataset.stamp || 0) + 1);
  }
  return { draw };
}

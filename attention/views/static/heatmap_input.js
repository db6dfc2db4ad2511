// Pointer, wheel and touch on the matrix. Scrolling itself is the browser's; the canvas only follows.

function listenToHeatmap(figure, view) {
  const { node, canvas } = view;
  const touches = new Map();
  let dragged = null;

  const point = (event) => {
    const box = canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  const under = (event) => (view.layout ? heatmapHit(view.layout, figure.model, view.scroll(), ...point(event)) : null);

  // Zooms about a point of the canvas: what is under it stays under it.
  function zoomBy(factor, x, y) {
    const before = view.layout;
    if (!before?.zoomable) return;
    const [across, down] = [x ?? before.x + before.viewWidth / 2, y ?? before.y + before.viewHeight / 2];
    const at = { x: (across - before.x + node.scrollLeft) / before.cell, y: (down - before.y + node.scrollTop) / before.cell };
    view.zoom = clamp(view.zoom * factor, 1, Math.max(1, LARGEST_CELL / before.base));
    view.refresh();
    view.place(figure.width());
    node.scrollLeft = at.x * view.layout.cell - (across - before.x);
    node.scrollTop = at.y * view.layout.cell - (down - before.y);
    figure.repaint();
  }

  view.zoomBy = zoomBy;
  view.resetZoom = () => zoomBy(1 / view.zoom);

  // Brings a row, and a column where one is chosen, into the window.
  view.reveal = ({ q, k }) => {
    if (!view.layout) return;
    const { cell, viewWidth, viewHeight } = view.layout;
    const into = (start, from, room) => (start < from ? start : start + cell > from + room ? start + cell - room : from);
    if (q !== null) node.scrollTop = into(q * cell, node.scrollTop, viewHeight);
    if (k !== null) node.scrollLeft = into(view.layout.column(k), node.scrollLeft, viewWidth);
  };

  node.addEventListener("scroll", () => figure.repaint(), { passive: true });
  node.addEventListener("pointerdown", (event) => {
    dragged = null;
    if (event.pointerType === "touch") touches.set(event.pointerId, [event.clientX, event.clientY]);
    else dragged = { x: event.clientX, y: event.clientY, left: node.scrollLeft, top: node.scrollTop, far: false };
  });
  node.addEventListener("pointermove", (event) => {
    if (event.pointerType === "touch") return pinch(event);
    const pulled = dragged && event.buttons === 1 && view.node.classList.contains("hl-pannable");
    if (pulled) {
      const [x, y] = [event.clientX - dragged.x, event.clientY - dragged.y];
      dragged.far ||= Math.hypot(x, y) > 4;
      if (dragged.far) Object.assign(node, { scrollLeft: dragged.left - x, scrollTop: dragged.top - y });
    }
    if (pulled && dragged.far) figure.leave();
    else figure.hover(under(event));
  });

  function pinch(event) {
    if (!touches.has(event.pointerId)) return;
    const spread = () => {
      const [one, other] = [...touches.values()];
      return Math.hypot(one[0] - other[0], one[1] - other[1]);
    };
    const before = touches.size === 2 ? spread() : 0;
    touches.set(event.pointerId, [event.clientX, event.clientY]);
    if (before) zoomBy(spread() / before, ...point(event));
  }

  for (const name of ["pointerup", "pointercancel"]) node.addEventListener(name, (event) => touches.delete(event.pointerId));
  node.addEventListener("pointerleave", (event) => event.pointerType !== "touch" && figure.leave());
  node.addEventListener("click", (event) => {
    if (dragged?.far) return;
    const cell = under(event);
    // A finger has no hover: its tap also reads the cell, and a second cell of a kept row is read, not released.
    const reading = event.pointerType === "touch" && cell?.q === figure.pinned && cell?.k !== figure.focus()?.k;
    figure.hover(cell);
    if (cell && cell.q !== null && !reading) figure.pin(cell.q);
  });
  node.addEventListener("wheel", (event) => {
    if (!event.ctrlKey || !view.layout?.zoomable) return;
    event.preventDefault();
    zoomBy(Math.exp(-event.deltaY / 200), ...point(event));
  }, { passive: false });

  const button = (text, name, act) => {
    const node = make("button", "hl-button", text);
    node.type = "button";
    node.setAttribute("aria-label", name);
    node.addEventListener("click", act);
    view.zoomBar.append(node);
  };
  button("−", "zoom out", () => zoomBy(1 / 1.5));
  button("+", "zoom in", () => zoomBy(1.5));
  button("reset zoom", "reset zoom", view.resetZoom);
}

// A page that carries its own picture: theme, print, switches, and the choice among heads. Nothing is ever fetched.

let printing = false;

// Style attributes set as text are what the page's policy forbids; the same through the style object is not.
const setAttribute = Element.prototype.setAttribute;
Element.prototype.setAttribute = function set(name, value) {
  if (name === "style") this.style.cssText = value;
  else setAttribute.call(this, name, value);
};

// A page on its way to the printer gets no more frames: what is asked for is drawn at once.
function requestAnimationFrame(paint) {
  return printing ? paint() : window.requestAnimationFrame(paint);
}

function startPage(mount, mountChooser) {
  const root = document.documentElement;
  const data = JSON.parse(document.getElementById("hl-data").textContent);
  const shown = { levels: data.levels, level: data.level, mode: data.mode, query: data.query, selected: null };
  const level = () => (shown.level in shown.levels ? shown.level : "token");
  const system = matchMedia("(prefers-color-scheme: dark)");
  const dress = () => {
    const dark = data.theme === "dark" || (data.theme === "auto" && system.matches);
    root.classList.toggle("dark", dark && !printing);
  };
  dress();
  system.addEventListener("change", dress);

  const read = () => ({ value: shown.levels[level()], mode: shown.mode, query: shown.query });
  const views = [mount(document.querySelector(".hl-picture"), read, (_, { query }) => { shown.query = query ?? null; })];
  const form = document.querySelector(".hl-switches");
  if (form) {
    form.hidden = false;
    form.addEventListener("change", ({ target }) => {
      if (target.name === "level") shown.query = null; // a row means something else there
      shown[target.name] = target.value;
      views[0].draw();
    });
  }
  views[0].draw();
  if (mountChooser) startChooser(mountChooser, data, shown, views);

  function print(now) {
    printing = now;
    root.classList.toggle("hl-print", now);
    dress();
    for (const view of views) view.draw();
  }
  addEventListener("beforeprint", () => print(true));
  addEventListener("afterprint", () => print(false));
}

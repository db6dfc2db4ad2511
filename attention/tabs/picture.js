// Between gradio and a picture: `read`, and the head that neighbors agree on.

// gradio's properties, with a value that came as JSON text parsed once and kept outside gradio's state, which would copy and
// watch every label and number one by one. `put` shows a value that did not come through gradio, until gradio has another one.
function reading(props) {
  let text = null;
  let parsed = null;
  let own = null;
  const known = (value) => {
    if (typeof value !== "string" || !value) return value; // gradio says "" for nothing
    if (value !== text) [text, parsed] = [value, JSON.parse(value)];
    return parsed;
  };
  const read = () => {
    const given = props.value;
    if (own && own.over !== given) own = null;
    const value = known(own ? own.value : given);
    return value === given ? props : new Proxy(props, { get: (all, name) => (name === "value" ? value : all[name]) });
  };
  const put = (value) => (own = { value, over: props.value });
  return { read, put };
}

// Pictures inside one `.hl-linked` agree on the head that is open: the leader tells which one it draws, and its followers mark
// it, without a word from the server.
function linked(element, role, read, view) {
  const around = element.closest(".hl-linked");
  if (!around || !role) return view.draw;
  if (role === "follows") {
    around.addEventListener("hl-head", (event) => {
      const { value } = read();
      if (!value || !element.isConnected) return;
      value.selected = event.detail;
      view.draw();
    });
    return view.draw;
  }
  return () => {
    view.draw();
    const selected = read().value?.selected;
    if (selected !== undefined) around.dispatchEvent(new CustomEvent("hl-head", { detail: selected }));
  };
}

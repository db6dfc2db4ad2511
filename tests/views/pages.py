"""A plain page, no gradio, that mounts pictures: how tests and people look at one picture alone."""

import json
from dataclasses import dataclass

from attention.views.palette import css_variables
from attention.views.static_files import Picture

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Pictures</title><link rel="icon" href="data:,">
<style>{style}</style></head><body class="{theme}"><main>{places}</main>
<script>
window.props = {props};
window.events = [];
window.views = {{}};
{mounts}
</script></body></html>"""

LAYOUT = """
body { margin: 0; background: var(--paper); color: var(--ink); font-family: "IBM Plex Sans", sans-serif; }
main { display: grid; grid-template-columns: 290px 330px minmax(0, 1fr); gap: 36px; max-width: 1216px; margin: 24px auto; padding: 0 16px; }
main.single { grid-template-columns: minmax(0, 520px); }
@media (max-width: 1000px) { main { grid-template-columns: minmax(0, 1fr); } }
"""


@dataclass(frozen=True, slots=True)
class Mounted:
    """One picture on the page: an id, its front end and the properties `read()` gives."""

    name: str
    picture: Picture
    props: dict


def page_of(*mounted: Mounted, theme: str = "", extra_style: str = "") -> str:
    """The page's HTML. `props`, `events` and `views` are reachable from a test by the picture's name."""
    styles = [css_variables(), LAYOUT, extra_style, *dict.fromkeys(one.picture.style() for one in mounted)]
    page = PAGE.format(
        style="\n".join(styles),
        theme=theme,
        places="".join(f'<section><div id="{one.name}" class="hl-figure"></div></section>' for one in mounted),
        # "<" escaped: a token may be "</script>"
        props=json.dumps({one.name: one.props for one in mounted}).replace("<", "\\u003c"),
        mounts="\n".join(map(_mount, mounted)),
    )
    return page.replace("<main>", '<main class="single">') if len(mounted) == 1 else page


def _mount(one: Mounted) -> str:
    name = json.dumps(one.name)
    return f"""(() => {{
{one.picture.script(compact=True)}
const read = () => window.props[{name}];
const emit = (event, data) => window.events.push([{name}, event, data]);
window.views[{name}] = {one.picture.mount}(document.getElementById({name}), read, emit);
window.views[{name}].draw();
}})();"""

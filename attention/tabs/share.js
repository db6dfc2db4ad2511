// What leaves the page: the address of what is shown, and the line below each figure that copies or saves it. A picture's value
// names its `address`, the query that shows it again; everything here is made from that.
const share = { links: {}, amended: {}, first: {}, moved: false };

const activeTab = () => document.querySelector('#hl-tabs [role="tab"][aria-selected="true"]')?.dataset.tabId ?? "explore";

// The query of what a tab shows, with what the page itself changed.
function linkOf(tab) {
  const link = share.links[tab];
  if (!link) return "";
  const amended = Object.entries(share.amended[tab] ?? {});
  const kept = link.split("&").filter((part) => !amended.some(([name]) => part.startsWith(`${name}=`)));
  for (const [name, value] of amended) if (value !== "") kept.push(`${name}=${encodeURIComponent(value)}`);
  const { chosenTheme } = window.headlight;
  return [...kept, ...(chosenTheme ? [`theme=${chosenTheme}`] : [])].join("&");
}

// A picture with this link is on the page.
function shows(tab, link) {
  if (!link) return;
  share.links[tab] = link;
  delete share.amended[tab]?.query; // which row is kept is in the link
  share.first[tab] ??= linkOf(tab);
  if (tab === activeTab()) address();
}

// A part of the link that the page changes by itself, such as the row that is kept; empty to leave it out.
function amend(tab, name, value) {
  (share.amended[tab] ??= {})[name] = value;
  if (tab === activeTab()) address();
}

const LONGEST = 8000; // share/places.py keeps the same number
const TOO_LONG = "This view is too long for a link: the address names only its tab. Save the page instead.";

// The address stays as it was typed until something is moved.
function address() {
  const tab = activeTab();
  const link = linkOf(tab);
  if (!share.moved && tab === "explore" && (!link || link === share.first[tab])) return;
  share.moved = true;
  const query = link && link.length <= LONGEST ? link : `v=1&tab=${tab}`;
  history.replaceState(history.state, "", `${location.pathname}?${query}`);
  // On a Space the page is a frame, and the bar that people see is that of huggingface.co.
  if (window.parent !== window && location.hostname.endsWith(".hf.space")) {
    window.parent.postMessage({ queryString: query }, "https://huggingface.co");
  }
  const said = document.querySelector(`#hl-share-${tab} .hl-share-said`);
  if (said && link.length > LONGEST) said.textContent = TOO_LONG;
  else if (said?.textContent === TOO_LONG) said.textContent = "";
}

// Another tab was opened. Gradio marks it after the click.
document.addEventListener("click", (event) => {
  if (event.target.closest?.('[role="tab"], .overflow-dropdown button, a[href^="#tab-"]')) setTimeout(address, 60);
});
document.addEventListener("hl-theme", address);

// The line below a figure.
function shareLine(element) {
  const line = element.querySelector(".hl-share");
  const said = element.querySelector(".hl-share-said");
  const box = element.querySelector("textarea");
  const { tab } = line.dataset;
  const say = (text) => (said.textContent = text);
  const fetched = async (what) => {
    const body = linkOf(tab);
    const answer = await fetch(`take/${what}`, { method: "POST", headers: { "content-type": "text/plain" }, body });
    if (!answer.ok) throw new Error(answer.status < 500 ? (await answer.text()).slice(0, 400) : "The server could not make this; nothing was lost.");
    return answer;
  };
  const actions = {
    async copy(what) {
      const text = await (await fetched(what)).text();
      box.value = text;
      box.hidden = false;
      box.select();
      // plain http from another machine has no clipboard at all
      await (navigator.clipboard?.writeText(text) ?? Promise.reject()).then(
        () => say("Copied."),
        () => say("Copy the marked text."),
      );
    },
    async save(what) {
      const answer = await fetched(what);
      const name = /filename="([\w.-]+)"/.exec(answer.headers.get("content-disposition") ?? "")?.[1] ?? what;
      const address = URL.createObjectURL(await answer.blob());
      const anchor = Object.assign(document.createElement("a"), { href: address, download: name });
      anchor.click();
      setTimeout(() => URL.revokeObjectURL(address), 10000);
      say(`Saved ${name}.`);
    },
  };
  line.addEventListener("click", async (event) => {
    const button = event.target.closest("button");
    if (!button || line.dataset.busy) return;
    box.hidden = true;
    if (!share.links[tab]) return say("There is no picture yet.");
    line.dataset.busy = "true";
    say("One moment");
    try {
      await actions[button.dataset.do](button.dataset.what);
    } catch (error) {
      say(error instanceof TypeError ? "The server does not answer; try again." : error.message);
    } finally {
      delete line.dataset.busy;
    }
  });
}

window.headlight ??= {};
Object.assign(window.headlight, { shows, amend, shareLine });

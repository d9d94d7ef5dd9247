// The shell: the tabs, and one section at a time. A section is a module that exports
//   title         the name of its page
//   render(root, api)  fills root; may return a function that is called when the section is left
// and takes what it needs from kit.js and chart.js. Its data come from api/<section>… through `api`.

import { api, ApiError } from "./api.js";
import { h, state } from "./kit.js";

const SECTIONS = [
  ["now", "Now"],
  ["schedule", "Schedule"],
  ["tune", "Tune"],
  ["explain", "Explain"],
  ["demand", "Demand"],
];

const tabs = document.querySelector(".tabs");
const panel = document.querySelector("#section");
let leave = null;
let turn = 0;
let byArrow = false;

function wanted() {
  const id = location.hash.slice(1).split("?")[0];
  return SECTIONS.some(([known]) => known === id) ? id : "now";
}

// What stands behind the ? of the address, such as #explain?q=u1: a section may read it, and others may link to it.
export function query() {
  return new URLSearchParams(location.hash.split("?")[1] ?? "");
}

async function show() {
  const id = wanted();
  const mine = ++turn;
  leave?.();
  leave = null;
  for (const tab of tabs.children) {
    const chosen = tab.id === `tab-${id}`;
    tab.setAttribute("aria-selected", String(chosen));
    tab.tabIndex = chosen ? 0 : -1;
    if (chosen) tab.scrollIntoView({ block: "nearest", inline: "nearest" });
  }
  panel.setAttribute("aria-labelledby", `tab-${id}`);
  const root = h("div", { class: `section ${id}` }, state.loading());
  panel.replaceChildren(root);
  try {
    const section = await import(`./${id}.js`);
    if (mine !== turn) return;
    document.title = `${section.title} – Restock`;
    root.replaceChildren();
    const end = await section.render(root, api);
    if (mine === turn) leave = end ?? null;
    else end?.();
    // A section may take the focus, but not from somebody who walks along the tabs.
    if (mine === turn && byArrow) document.querySelector(`#tab-${id}`).focus();
  } catch (error) {
    if (mine !== turn) return;
    if (!(error instanceof ApiError)) console.error(error);
    root.replaceChildren(state.error(error, show));
  }
}

function makeTabs() {
  for (const [id, label] of SECTIONS) {
    tabs.append(h("a", { href: `#${id}`, id: `tab-${id}`, role: "tab", "aria-controls": "section" }, label));
  }
  addEventListener("pointerdown", () => (byArrow = false));
  panel.addEventListener("keydown", () => (byArrow = false));
  tabs.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const all = [...tabs.children];
    const at = all.indexOf(document.activeElement);
    let next = null;
    if (step && at >= 0) next = all[(at + step + all.length) % all.length];
    if (event.key === "Home") next = all[0];
    if (event.key === "End") next = all.at(-1);
    if (event.key === " ") document.activeElement.click();
    if (next) {
      next.focus();
      next.click();
      byArrow = true;
    }
    if (next || event.key === " ") event.preventDefault();
  });
}

async function greet() {
  const { user, may } = await api.me();
  const rights = may.notify || may.ingest || may.tune ? "" : " · may look, not change";
  document.querySelector(".whoami").textContent = `${user}${rights}`;
}

makeTabs();
addEventListener("hashchange", show);
greet().catch(() => {});
show();

// The changes made on Tune: their list, their preview, saving them.
// desk: { api, draft, form, reload(), nodes: { review, preview, side, jump }, previewed, endChart, sideSeen }
//   previewed  the key of the draft that the preview shows; null without a preview
//   sideSeen   whether the nodes' side is in view

import { ask, card, count, h, say, state } from "./kit.js";
import { showPreview } from "./preview.js";
import { markAll, redraw } from "./tune_fields.js";

export function makeNodes(mayTune) {
  const review = h("div", { class: "review" });
  const preview = h("div", { class: "preview" });
  const side = h("div", { class: "side" }, h("div", { class: "sticky" },
    card(mayTune ? "Your changes" : "Read only", {}, review, preview)));
  const jump = h("a", { class: "jump", href: "#tune", hidden: true, onclick: (event) => {
    event.preventDefault();
    side.scrollIntoView({ block: "start" });
  } });
  return { review, preview, side, jump };
}

// --- What is changed ------------------------------------------------------------------------------------------------

// Where the changes themselves can be seen, nothing need lead there.
export function showJump({ draft, nodes, sideSeen }) {
  nodes.jump.hidden = !draft.size || sideSeen;
}

function changeList(draft) {
  return h("ul", { class: "changes" }, draft.steps().map(({ title, what, from, to }) => h("li", {}, h("strong", {}, title),
    what && h("span", { class: "sub" }, what), h("span", { class: "step" }, h("s", {}, from), " → ", h("b", {}, to)))));
}

function buttons(desk, isReady) {
  return h("div", { class: "buttons" },
    h("button", { type: "button", class: isReady ? "" : "strong", id: "preview", onclick: () => preview(desk) }, "Preview"),
    h("button", { type: "button", class: isReady ? "strong" : "", id: "save", onclick: () => save(desk) }, "Save"),
    h("button", { type: "button", class: "quiet", onclick: () => discard(desk) }, "Discard"));
}

export function showReview(desk) {
  const { draft, nodes, previewed } = desk;
  showJump(desk);
  nodes.jump.textContent = `Review ${count(draft.size, "change")}`;
  const isStale = previewed !== null && previewed !== draft.key();
  nodes.preview.classList.toggle("stale", isStale);
  if (!draft.mayTune) {
    nodes.review.replaceChildren(h("p", { class: "hint" },
      "You see what is in force. To change it, Airflow must allow you to edit Variables."));
    return;
  }
  if (!draft.size) {
    nodes.review.replaceChildren(state.empty("Nothing changed yet", "Change a setting, and see here what it would do."));
    if (previewed !== null) clearPreview(desk);
    return;
  }
  nodes.review.replaceChildren(h("div", {},
    draft.backTo && h("p", { class: "hint" }, `Back to version ${draft.backTo}.`),
    changeList(draft),
    isStale && h("p", { class: "hint warn" }, "The preview below is of other values: preview again."),
    buttons(desk, previewed !== null && !isStale)));
}

function showProblems({ draft, form }, error) {
  draft.refuse(error.detail ?? {});
  markAll(form);
  const named = [...draft.problems.keys(), ...draft.meanwhile.keys()].find((name) => form.rows.has(name));
  if (named) form.rows.get(named).scrollIntoView({ block: "center" });
  const wrong = [...draft.problems.keys()].filter(Boolean).length;
  say([wrong ? `${count(wrong, "setting")} cannot be so: see there. Nothing was changed.` : error.message,
    ...draft.problems.get("") ?? []].join(" "), "fault");
}

// --- Preview --------------------------------------------------------------------------------------------------------

export function clearPreview(desk) {
  desk.endChart?.();
  desk.endChart = null;
  desk.previewed = null;
  desk.nodes.preview.replaceChildren();
}

// Says for how long the preview has been worked on; returns a function that ends that.
function showWorking(place) {
  const began = Date.now();
  const said = h("span", {}, "Working out what the next run would do");
  place.replaceChildren(h("div", { class: "state loading", "aria-busy": "true" }, h("span", { class: "bar" }), said));
  const clock = setInterval(() => {
    said.textContent = `Working out what the next run would do: ${Math.round((Date.now() - began) / 1000)} s`;
  }, 1000);
  return () => clearInterval(clock);
}

export async function preview(desk) {
  const { api, draft, form, nodes } = desk;
  const asked = draft.key();
  clearPreview(desk);
  const endWorking = showWorking(nodes.preview);
  nodes.review.querySelectorAll("button").forEach((button) => { button.disabled = true; });
  try {
    const result = await api.post("tune/preview", { changes: draft.changes() });
    desk.previewed = asked;
    desk.endChart = showPreview(nodes.preview, result);
    draft.problems = new Map();
    markAll(form);
  } catch (error) {
    nodes.preview.replaceChildren();
    showProblems(desk, error);
  }
  endWorking();
  showReview(desk);
}

// --- Saving ---------------------------------------------------------------------------------------------------------

async function save(desk) {
  const { api, draft } = desk;
  const lines = draft.steps().map(({ title, what, from, to }) => `${title}${what ? ` (${what})` : ""}: ${from} → ${to}`);
  const unseen = desk.previewed === draft.key() ? "" : " You have not seen the preview of this.";
  const yes = await ask({
    title: `Save ${count(draft.size, "setting")}?`, action: "Save",
    text: `${lines.join("; ")}. In force at the next run, within a minute, and recorded with your name.${unseen}`,
  });
  if (!yes) return;
  try {
    await api.post("tune/save", { changes: draft.changes(), seen: draft.before(), back_to: draft.backTo });
  } catch (error) {
    showProblems(desk, error);
    return;
  }
  say(`Saved ${count(draft.size, "setting")}: in force at the next run.`);
  await desk.reload();
}

function discard(desk) {
  const { draft, form } = desk;
  const names = [...draft.texts.keys()];
  draft.read(draft.page);
  names.forEach((name) => redraw(form, name));
  showReview(desk);
}

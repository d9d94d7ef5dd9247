// Now: what is due, what leaves, what is held, what went wrong. Refreshes itself while it is looked at.

import { card, h, state, update } from "./kit.js";
import { sendingView, showAttention, showFigures } from "./now_live.js";
import { showEpisodes, showFunnel } from "./now_progress.js";
import { showActions, showDead, showRejected } from "./now_troubles.js";

export const title = "Now";

const EVERY = 5_000;
const SLOW_EVERY = 20_000;
const AREAS = ["figures", "attention", "funnel", "sending", "episodes", "dead", "rejected", "actions"];
const SPANS = [[7, "7 days"], [30, "30 days"], [90, "90 days"], [3650, "all time"]];
const FIRST_SPAN = 30;

// What went wrong stands once, at the top; what was shown before stays, faded.
function loader(api, places, trouble) {
  return async function load(path, values, show, ...names) {
    try {
      show(await api.get(path, values));
    } catch (error) {
      for (const name of names) {
        if (places[name].dataset.shown) places[name].classList.add("stale");
        else update(places[name], name === "attention" ? null : h("p", { class: "hint" }, "Not known now."));
      }
      update(trouble, h("p", { class: "banner", role: "alert" }, error.message));
      throw error;
    }
    for (const name of names) {
      places[name].classList.remove("stale");
      places[name].dataset.shown = "yes";
    }
  };
}

function layout(places, span) {
  return [
    places.figures, places.attention,
    card("From request to purchase", { class: "half", aside: span }, places.funnel),
    card("Leaving now", { class: "half", hint: "Messages that providers accepted, by the minute" }, places.sending),
    card("Products that are back", {}, places.episodes),
    card("Dead messages", { class: "half", hint: "Given up: the provider refused them, or the tries are used up" },
      places.dead),
    card("Rejected rows", { class: "half", hint: "Rows of feed files that broke a rule; correct them, then replay" },
      places.rejected),
    card("Done in the console", {}, places.actions),
  ];
}

function every(period, run) {
  const timer = setInterval(() => {
    if (!document.hidden) run().catch(() => {});
  }, period);
  return () => clearInterval(timer);
}

export async function render(root, api) {
  const { may } = await api.me();
  const places = Object.fromEntries(AREAS.map((name) => [name, h("div", { class: `${name} area` }, state.loading())]));
  const trouble = h("div", { class: "trouble" });
  const load = loader(api, places, trouble);
  const sending = sendingView(places.sending);
  const refreshAll = () => Promise.allSettled([refresh(), refreshSlow()]);
  const desk = { api, may, refresh: refreshAll };
  const span = h("select", { "aria-label": "Requests of", onchange: () => refreshFunnel().catch(() => {}) },
    SPANS.map(([value, label]) => h("option", { value, selected: value === FIRST_SPAN }, label)));

  async function refresh() {
    await load("now", {}, (now) => {
      showFigures(places.figures, now);
      showAttention(places.attention, now, desk);
      sending.show(now);
    }, "figures", "attention", "sending");
    if (trouble.firstChild && (await refreshSlow()).every(({ status }) => status === "fulfilled")) update(trouble);
  }

  const refreshFunnel = () =>
    load("now/funnel", { days: span.value }, (funnel) => showFunnel(places.funnel, funnel), "funnel");

  const refreshSlow = () => Promise.allSettled([
    refreshFunnel(),
    load("now/episodes", {}, (page) => showEpisodes(places.episodes, page), "episodes"),
    load("now/troubles", {}, (troubles) => {
      showDead(places.dead, troubles, desk);
      showRejected(places.rejected, troubles, desk);
      showActions(places.actions, troubles);
    }, "dead", "rejected", "actions"),
  ]);

  root.append(trouble, ...layout(places, span));
  await refreshAll();
  const ends = [every(EVERY, refresh), every(SLOW_EVERY, refreshSlow), sending.end];
  return () => ends.forEach((end) => end());
}

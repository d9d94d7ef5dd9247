// Now, how far things are: requests on their way to a purchase, and products that are back.

import { h, number, percent, state, table, time, update } from "./kit.js";

const STEPS = {
  waiting: ["Asked", "to be told when a product is back"],
  available: ["Available", "the product came back"],
  scheduled: ["Scheduled", "put into a message"],
  sent: ["Sent", "accepted by the provider"],
  clicked: ["Clicked", "came to the product's page"],
  bought: ["Bought", "within 72 hours"],
};

function funnelStep(step, before, first) {
  const [label, meaning] = STEPS[step.name];
  return h("li", {},
    h("div", { class: "label" }, h("strong", {}, label), h("span", {}, meaning)),
    h("div", { class: "track" }, h("i", { style: { width: `${100 * step.count / first}%` } })),
    h("div", { class: "value" }, h("b", {}, number(step.count)),
      h("span", {}, before == null ? "" : before ? `${percent(step.count / before)} of the step before` : "–")));
}

export function showFunnel(place, { steps, refreshed_at }) {
  if (!steps.length) {
    update(place, refreshed_at
      ? state.empty("No requests in these days", "Choose a longer time.")
      : state.empty("The marts were not refreshed yet", "restock_notify does it after a run; then the funnel stands here."));
    return;
  }
  update(place,
    h("ol", { class: "steps" }, steps.map((step, index) => funnelStep(step, steps[index - 1]?.count, steps[0].count))),
    h("p", { class: "hint" }, "As of ", time(refreshed_at), "."));
}

function wave(episode) {
  if (episode.is_held) return h("span", { class: "tag warn" }, "held by a gate");
  if (!episode.queue_length) return h("span", { class: "muted" }, "nobody waited");
  const share = Math.min(1, episode.reached_count / episode.queue_length);
  const said = share === 1 ? "everyone reached" : episode.wave_count > 1
    ? `wave ${number(Math.min(episode.wave_reached + 1, episode.wave_count))} of ${number(episode.wave_count)}`
    : "everyone at once";
  return [h("span", { class: "meter", title: percent(share) }, h("i", { style: { width: `${100 * share}%` } })),
    h("span", { class: "sub" }, said, episode.next_due_at ? [", next ", time(episode.next_due_at)] : "")];
}

function stock(episode) {
  const kind = episode.stock_left === 0 ? "bad" : episode.stock_left < 0.2 * episode.quantity ? "warn" : "";
  return [h("b", { class: kind }, number(episode.stock_left)),
    h("span", { class: "muted" }, ` of ${number(episode.quantity)}`)];
}

export function showEpisodes(place, { open_count: open, episodes }) {
  update(place, episodes.length ? [table([
    ["Product", (one) => [one.product_name, h("span", { class: "sub" }, `${one.store_id} · ${one.product_id}`)]],
    ["Back since", (one) => time(one.opened_at)],
    ["Stock left", stock, "number"],
    ["Reached", (one) => `${number(one.reached_count)} of ${number(one.queue_length)}`, "number"],
    ["Waves", wave, "wide"],
  ], episodes), open > episodes.length
    ? h("p", { class: "hint" }, `The ${episodes.length} with the most requests still to reach, of ${number(open)} that are back.`) : null]
    : state.empty("No product is back now", "An episode opens when something that was sold out is available again."));
}

// Now, what went wrong and what people did about it.

import { ago, count, h, number, state, table, time, update } from "./kit.js";
import { replayDead, replayRejected } from "./now_actions.js";

const OUTCOMES = { permanent: "refused for good", retryable: "out of tries", in_doubt: "in doubt after a crash" };
const DONE = {
  release_gate: (a) => `released the gate ${a.subject}: ${count(a.detail.product_count, "product")}`,
  replay_dead: (a) => `replayed ${count(a.detail.message_count, "dead message")} on ${a.subject}`,
  replay_rejected: (a) => `replayed ${count(a.detail.replayed ?? a.detail.waiting, "rejected row")} of ${a.subject}`
    + (a.detail.rejected_again ? `; ${number(a.detail.rejected_again)} were rejected again` : ""),
  probe_breaker: (a) => `had the provider of ${a.subject} tried at once`,
  change_settings: (a) => `changed ${a.subject}`,
};

export function showDead(place, { dead }, desk) {
  update(place, dead.length ? table([
    ["Why", (one) => [`${one.channel} ${one.provider_code ?? ""}: ${one.meaning ?? OUTCOMES[one.outcome]}`,
      h("span", { class: "sub" }, `${OUTCOMES[one.outcome]}, last `, time(one.last_at))]],
    ["Messages", "message_count", "number"],
    ["", (one) => replayDead(desk, one), "act"],
  ], dead) : state.empty("No dead messages", "Every message left, or will still be tried."));
}

export function showRejected(place, { rejected, rejected_count: rows }, desk) {
  const shown = rejected.reduce((sum, group) => sum + group.waiting_count, 0);
  update(place, rejected.length ? [table([
    ["File and reason", (one) => [h("span", { class: "path" }, one.path), h("span", { class: "sub" },
      `${one.reason_code.replaceAll("_", " ")}, such as line ${number(one.first_line)}: ${one.example}`)]],
    ["Rows", "waiting_count", "number"],
    ["", (one) => replayRejected(desk, one), "act"],
  ], rejected), shown < rows ? h("p", { class: "hint" }, `And ${count(rows - shown, "row")} of older files.`) : null]
    : state.empty("No rejected rows wait", "What was rejected has been replayed, or nothing was."));
}

export function showActions(place, { actions }) {
  update(place, actions.length ? h("ul", { class: "log" }, actions.map((one) => h("li", {},
    ago(one.done_at), h("span", {}, h("strong", {}, one.user_name), " ", DONE[one.action]?.(one) ?? one.action))))
    : state.empty("Nothing yet", "What people release, replay and change here is written down."));
}

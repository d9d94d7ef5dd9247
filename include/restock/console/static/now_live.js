// Now, what changes by the second: the figures, what needs attention, and what leaves.

import { timeChart } from "./chart.js";
import { compact, count, duration, figure, h, number, percent, state, table, time, update } from "./kit.js";
import { probe, release } from "./now_actions.js";

const LATE_SECONDS = 300;

// --- Figures --------------------------------------------------------------------------------------------------------

export function showFigures(place, now) {
  const sum = (name) => now.channels.reduce((total, channel) => total + channel[name], 0);
  const first = (name) => now.channels.map((channel) => channel[name]).filter(Boolean).sort()[0];
  const dueSince = first("oldest_due_at");
  const age = dueSince ? (new Date(now.clock) - new Date(dueSince)) / 1000 : null;
  const due = sum("due_count");
  const later = sum("unsent_count") - due - sum("leased_count");
  const next = first("next_due_at");
  const lately = now.channels.reduce((total, { sent }) => total + sent.slice(-5).reduce((a, b) => a + b, 0), 0) / 5;
  update(place,
    figure("Oldest due message", age == null ? "None" : duration(age),
      age == null ? "nothing is overdue" : `${count(due, "message")} due now`,
      age == null ? "good" : age > LATE_SECONDS ? "bad" : "warn"),
    figure("Messages a minute", compact(Math.round(lately)), "over the last five minutes"),
    figure("Scheduled", compact(later), next ? ["the next at ", time(next)] : "nothing is planned"),
    figure("Waiting requests", compact(now.waiting_count), "not answered yet"));
}

// --- What needs attention -------------------------------------------------------------------------------------------

function attentionItem(kind, heading, text, action) {
  return h("li", { class: kind }, h("div", {}, h("strong", {}, heading), h("p", {}, text)), action);
}

function gateItem(desk, gate) {
  const heading = gate.product_count
    ? `The gate ${gate.gate} holds ${count(gate.product_count, "product")}, about ${count(gate.request_count, "request")}`
    : `The gate ${gate.gate} ${gate.severity === "fail" ? "stands" : "warns"}`;
  return attentionItem(gate.severity === "fail" ? "bad" : "warn", heading,
    [`${gate.feeds.join(", ")}, since `, time(gate.since), `: ${gate.debug_value}.`,
      gate.clears === "by itself" ? " It also clears by itself, once its check passes." : ""], release(desk, gate));
}

function downItem(desk, channel) {
  return attentionItem("bad", `The provider of ${channel.channel} is down`,
    [`${count(channel.unsent_count, "message")} wait. Since `, time(channel.tripped_at), "; next try ",
      time(channel.probe_at), `. ${channel.down_reason}.`], probe(desk, channel));
}

export function showAttention(place, now, desk) {
  const failing = now.gates.filter((gate) => gate.severity === "fail");
  const warning = now.gates.filter((gate) => gate.severity !== "fail");
  const items = [
    ...failing.map((gate) => gateItem(desk, gate)),
    ...now.channels.filter((channel) => channel.down_reason).map((channel) => downItem(desk, channel)),
    now.is_paused && attentionItem("warn", "Paused",
      ["Nothing is planned or sent while restock_paused is true. ", h("a", { href: "#tune" }, "Go to Tune")]),
    ...warning.map((gate) => gateItem(desk, gate)),
  ].filter(Boolean);
  update(place, items.length
    ? h("ul", { class: "attention-list" }, items)
    : h("p", { class: "all-clear" }, "No gate holds anything, and every provider takes messages."));
}

// --- What leaves ----------------------------------------------------------------------------------------------------

function rate(channel) {
  const last = channel.sent.at(-1);
  if (!channel.rate_per_minute) return [number(last), h("span", { class: "muted" }, " · no limit")];
  const share = last / channel.rate_per_minute;
  return [`${number(last)} of ${number(channel.rate_per_minute)}`, h("span", { class: "meter", title: percent(share) },
    h("i", { style: { width: `${Math.min(100, 100 * share)}%` } }))];
}

function drawCurve(place, minutes, senders) {
  return timeChart(place, {
    x: minutes.map((minute) => new Date(minute) / 1000), stacked: true, steps: true, height: 150,
    series: senders.map(({ channel, sent }) => ({ label: channel, values: sent })),
    describe: `Messages accepted in each of the last 30 minutes: ${senders.map(({ channel, sent }) =>
      `${channel} ${sent.reduce((a, b) => a + b, 0)}`).join(", ")} in all.`,
  });
}

function channelTable(busy) {
  return table([
    ["Channel", (one) => [one.channel, one.down_reason ? [" ", h("span", { class: "tag bad" }, "down")] : ""]],
    ["Last minute", rate],
    ["Due", "due_count", "number"],
    ["Later", (one) => one.unsent_count - one.due_count - one.leased_count, "number"],
  ], busy);
}

// The curve is drawn anew only where it would differ.
export function sendingView(place) {
  const chart = h("div");
  const list = h("div", { class: "channels" });
  let shown = null;
  let endCurve = null;

  function showCurve(minutes, busy) {
    const key = JSON.stringify([minutes.at(-1), busy.map(({ channel, sent }) => [channel, sent])]);
    if (shown === key) return;
    shown = key;
    endCurve?.();
    endCurve = null;
    const senders = busy.filter((channel) => channel.sent.some(Boolean));
    chart.replaceChildren();
    if (senders.length) endCurve = drawCurve(chart, minutes, senders);
    else chart.append(state.empty("Nothing was sent in the last 30 minutes"));
  }

  function show(now) {
    const busy = now.channels.filter((channel) => channel.unsent_count || channel.down_reason || channel.rate_per_minute
      || channel.sent.some(Boolean));
    if (chart.parentNode !== place) place.replaceChildren(chart, list);
    showCurve(now.minutes, busy);
    update(list, busy.length ? channelTable(busy) : null);
  }

  return { show, end: () => endCurve?.() };
}

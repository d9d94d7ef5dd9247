// Now: what is due, what leaves, what is held, what went wrong. Refreshes itself while it is looked at.

import { timeChart } from "./chart.js";
import { ago, ask, card, compact, count, duration, h, number, percent, say, state, table, time, update } from "./kit.js";

export const title = "Now";

const EVERY = 5_000;
const SLOW_EVERY = 20_000;
const LATE_SECONDS = 300;
const STEPS = {
  waiting: ["Asked", "to be told when a product is back"],
  available: ["Available", "the product came back"],
  scheduled: ["Scheduled", "put into a message"],
  sent: ["Sent", "accepted by the provider"],
  clicked: ["Clicked", "came to the product's page"],
  bought: ["Bought", "within 72 hours"],
};
const OUTCOMES = { permanent: "refused for good", retryable: "out of tries", in_doubt: "in doubt after a crash" };
const DONE = {
  release_gate: (a) => `released the gate ${a.subject}: ${count(a.detail.product_count, "product")}`,
  replay_dead: (a) => `replayed ${count(a.detail.message_count, "dead message")} on ${a.subject}`,
  replay_rejected: (a) => `replayed ${count(a.detail.replayed ?? a.detail.waiting, "rejected row")} of ${a.subject}`
    + (a.detail.rejected_again ? `; ${number(a.detail.rejected_again)} were rejected again` : ""),
  probe_breaker: (a) => `had the provider of ${a.subject} tried at once`,
  change_settings: (a) => `changed ${a.subject}`,
};

export async function render(root, api) {
  const { may } = await api.me();
  const places = Object.fromEntries(
    ["figures", "attention", "funnel", "sending", "episodes", "dead", "rejected", "actions"]
      .map((name) => [name, h("div", { class: `${name} area` })]));
  const stop = [];
  let days = 30;
  let curve = null;
  const chart = h("div");
  const list = h("div", { class: "channels" });

  // --- Actions ------------------------------------------------------------------------------------------------------

  async function act(button, question, path, body, done) {
    if (!await ask(question)) return;
    button.disabled = true;
    try {
      say(done(await api.post(path, body)));
    } catch (error) {
      say(error.message, "fault");
    }
    button.disabled = false;
    await Promise.allSettled([refresh(), refreshSlow()]);
  }

  function actButton(id, label, allowed, why, run) {
    return h("button", {
      id, disabled: !allowed, title: allowed ? null : `Needs the right to trigger ${why} in Airflow`,
      onclick: (event) => run(event.currentTarget),
    }, label);
  }

  function release(gate) {
    const [path, allowed, dag] = gate.scope === "feed"
      ? ["now/release-feed", may.ingest, "restock_ingest"] : ["now/release-episodes", may.notify, "restock_notify"];
    return actButton(`release-${gate.gate}`, "Release", allowed, dag, (button) => act(button,
      { title: `Release the gate ${gate.gate}?`, text: gate.will, action: "Release" }, path, { gate: gate.gate },
      (done) => `Released ${gate.gate}: ${count(done.product_count, "product")} go on at the next run.`));
  }

  function probe(channel) {
    return actButton(`probe-${channel.channel}`, "Try now", may.notify, "restock_notify", (button) => act(button,
      { title: `Try the provider of ${channel.channel} now?`, action: "Try now",
        text: `A few of its ${count(channel.unsent_count, "message")} try at the next run; when one is accepted, the `
          + "others follow." },
      "now/probe-breaker", { channel: channel.channel },
      () => `The next run tries the provider of ${channel.channel}.`));
  }

  function replayDead(group) {
    const { channel, outcome, provider_code } = group;
    return actButton(`dead-${channel}-${outcome}-${provider_code}`, "Replay", may.notify, "restock_notify", (button) =>
      act(button, { title: "Replay dead messages?", text: group.will, action: "Replay" }, "now/replay-dead",
        { channel, outcome, provider_code },
        (done) => `${count(done.message_count, "message")} will be tried again at the next run.`));
  }

  function replayRejected(group) {
    const { path, reason_code: reason } = group;
    const ready = group.waiting_count - group.stuck_count;
    const button = actButton(`rejected-${path}-${reason}`, "Replay", may.ingest, "restock_ingest", (pressed) =>
      act(pressed, { title: "Replay rejected rows?", text: group.will, action: "Replay" }, "now/replay-rejected",
        { path, reason },
        (done) => `${count(done.replayed, "row")} read again: ${number(done.replayed - done.rejected_again)} good, `
          + `${number(done.rejected_again)} rejected again${done.left ? `, ${number(done.left)} left` : ""}.`));
    if (!ready) {
      button.disabled = true;
      button.title = "These rows need a correction first: restock.correct_rejected_row";
    }
    return button;
  }

  // --- What is shown ------------------------------------------------------------------------------------------------

  function figure(label, value, hint, kind) {
    return h("div", { class: "card kpi" }, h("h3", {}, label), h("p", { class: `figure ${kind ?? ""}` }, value),
      h("p", { class: "hint" }, hint));
  }

  function showFigures(now) {
    const sum = (name) => now.channels.reduce((total, channel) => total + channel[name], 0);
    const dueSince = now.channels.map((channel) => channel.oldest_due_at).filter(Boolean).sort()[0];
    const age = dueSince ? (new Date(now.clock) - new Date(dueSince)) / 1000 : null;
    const due = sum("due_count");
    const later = sum("unsent_count") - due - sum("leased_count");
    const next = now.channels.map((channel) => channel.next_due_at).filter(Boolean).sort()[0];
    const lately = now.channels.reduce((total, { sent }) => total + sent.slice(-5).reduce((a, b) => a + b, 0), 0) / 5;
    update(places.figures,
      figure("Oldest due message", age == null ? "None" : duration(age),
        age == null ? "nothing is overdue" : `${count(due, "message")} due now`,
        age == null ? "good" : age > LATE_SECONDS ? "bad" : "warn"),
      figure("Messages a minute", compact(Math.round(lately)), "over the last five minutes"),
      figure("Scheduled", compact(later), next ? ["the next at ", time(next)] : "nothing is planned"),
      figure("Waiting requests", compact(now.waiting_count), "not answered yet"));
  }

  function attentionItem(kind, heading, text, action) {
    return h("li", { class: kind }, h("div", {}, h("strong", {}, heading), h("p", {}, text)), action);
  }

  function showAttention(now) {
    const stand = (gate) => attentionItem(gate.severity === "fail" ? "bad" : "warn",
      gate.product_count
        ? `The gate ${gate.gate} holds ${count(gate.product_count, "product")}, about ${count(gate.request_count, "request")}`
        : `The gate ${gate.gate} ${gate.severity === "fail" ? "stands" : "warns"}`,
      [`${gate.feeds.join(", ")}, since `, time(gate.since), `: ${gate.debug_value}.`,
        gate.clears === "by itself" ? " It also clears by itself, once its check passes." : ""], release(gate));
    const items = [
      ...now.gates.filter((gate) => gate.severity === "fail").map(stand),
      ...now.channels.filter((channel) => channel.down_reason).map((channel) => attentionItem("bad",
        `The provider of ${channel.channel} is down`,
        [`${count(channel.unsent_count, "message")} wait. Since `, time(channel.tripped_at), "; next try ",
          time(channel.probe_at), `. ${channel.down_reason}.`], probe(channel))),
      now.is_paused && attentionItem("warn", "Paused",
        ["Nothing is planned or sent while restock_paused is true. ", h("a", { href: "#tune" }, "Go to Tune")]),
      ...now.gates.filter((gate) => gate.severity !== "fail").map(stand),
    ].filter(Boolean);
    update(places.attention, items.length
      ? h("ul", { class: "attention-list" }, items)
      : h("p", { class: "all-clear" }, "No gate holds anything, and every provider takes messages."));
  }

  function rate(channel) {
    const last = channel.sent.at(-1);
    if (!channel.rate_per_minute) return [number(last), h("span", { class: "muted" }, " · no limit")];
    const share = last / channel.rate_per_minute;
    return [`${number(last)} of ${number(channel.rate_per_minute)}`, h("span", { class: "meter", title: percent(share) },
      h("i", { style: { width: `${Math.min(100, 100 * share)}%` } }))];
  }

  function showSending(now) {
    const busy = now.channels.filter((channel) => channel.unsent_count || channel.down_reason || channel.rate_per_minute
      || channel.sent.some(Boolean));
    if (chart.parentNode !== places.sending) places.sending.replaceChildren(chart, list);
    const key = JSON.stringify([now.minutes.at(-1), busy.map(({ channel, sent }) => [channel, sent])]);
    if (chart.dataset.key !== key) {
      chart.dataset.key = key;
      curve?.();
      curve = null;
      const senders = busy.filter((channel) => channel.sent.some(Boolean));
      chart.replaceChildren();
      if (senders.length) {
        curve = timeChart(chart, {
          x: now.minutes.map((minute) => new Date(minute) / 1000), stacked: true, steps: true, height: 150,
          series: senders.map(({ channel, sent }) => ({ label: channel, values: sent })),
          describe: `Messages accepted in each of the last 30 minutes: ${senders.map(({ channel, sent }) =>
            `${channel} ${sent.reduce((a, b) => a + b, 0)}`).join(", ")} in all.`,
        });
      } else {
        chart.append(state.empty("Nothing was sent in the last 30 minutes"));
      }
    }
    update(list, busy.length ? table([
      ["Channel", (one) => [one.channel, one.down_reason ? [" ", h("span", { class: "tag bad" }, "down")] : ""]],
      ["Last minute", rate],
      ["Due", "due_count", "number"],
      ["Later", (one) => one.unsent_count - one.due_count - one.leased_count, "number"],
    ], busy) : null);
  }

  function showFunnel({ steps, refreshed_at }) {
    if (!steps.length) {
      update(places.funnel, refreshed_at
        ? state.empty("No requests in these days", "Choose a longer time.")
        : state.empty("The marts were not refreshed yet", "restock_notify does it after a run; then the funnel stands here."));
      return;
    }
    const first = steps[0].count;
    update(places.funnel, h("ol", { class: "steps" }, steps.map((step, index) => {
      const [label, meaning] = STEPS[step.name];
      const before = index ? steps[index - 1].count : null;
      return h("li", {},
        h("div", { class: "label" }, h("strong", {}, label), h("span", {}, meaning)),
        h("div", { class: "track" }, h("i", { style: { width: `${100 * step.count / first}%` } })),
        h("div", { class: "value" }, h("b", {}, number(step.count)),
          h("span", {}, before == null ? "" : before ? `${percent(step.count / before)} of the step before` : "–")));
    })), h("p", { class: "hint" }, "As of ", time(refreshed_at), "."));
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

  function showEpisodes({ open_count: open, episodes }) {
    update(places.episodes, episodes.length ? [table([
      ["Product", (one) => [one.product_name, h("span", { class: "sub" }, `${one.store_id} · ${one.product_id}`)]],
      ["Back since", (one) => time(one.opened_at)],
      ["Stock left", stock, "number"],
      ["Reached", (one) => `${number(one.reached_count)} of ${number(one.queue_length)}`, "number"],
      ["Waves", wave, "wide"],
    ], episodes), open > episodes.length
      ? h("p", { class: "hint" }, `The ${episodes.length} with the most requests still to reach, of ${number(open)} that are back.`) : null]
      : state.empty("No product is back now", "An episode opens when something that was sold out is available again."));
  }

  function showTroubles({ dead, rejected, rejected_count: rows, actions }) {
    update(places.dead, dead.length ? table([
      ["Why", (one) => [`${one.channel} ${one.provider_code ?? ""}: ${one.meaning ?? OUTCOMES[one.outcome]}`,
        h("span", { class: "sub" }, `${OUTCOMES[one.outcome]}, last `, time(one.last_at))]],
      ["Messages", "message_count", "number"],
      ["", replayDead, "act"],
    ], dead) : state.empty("No dead messages", "Every message left, or will still be tried."));
    const shown = rejected.reduce((sum, group) => sum + group.waiting_count, 0);
    update(places.rejected, rejected.length ? [table([
      ["File and reason", (one) => [h("span", { class: "path" }, one.path), h("span", { class: "sub" },
        `${one.reason_code.replaceAll("_", " ")}, such as line ${number(one.first_line)}: ${one.example}`)]],
      ["Rows", "waiting_count", "number"],
      ["", replayRejected, "act"],
    ], rejected), shown < rows ? h("p", { class: "hint" }, `And ${count(rows - shown, "row")} of older files.`) : null]
      : state.empty("No rejected rows wait", "What was rejected has been replayed, or nothing was."));
    update(places.actions, actions.length ? h("ul", { class: "log" }, actions.map((one) => h("li", {},
      ago(one.done_at), h("span", {}, h("strong", {}, one.user_name), " ", DONE[one.action]?.(one) ?? one.action))))
      : state.empty("Nothing yet", "What people release, replay and change here is written down."));
  }

  // --- Refreshing ---------------------------------------------------------------------------------------------------

  // What went wrong stands once, at the top; what was shown before stays, faded.
  async function part(path, values, show, ...names) {
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
  }

  async function refresh() {
    await part("now", {}, (now) => {
      showFigures(now);
      showAttention(now);
      showSending(now);
    }, "figures", "attention", "sending");
    if (trouble.firstChild && (await refreshSlow()).every(({ status }) => status === "fulfilled")) update(trouble);
  }

  const refreshFunnel = () => part("now/funnel", { days }, showFunnel, "funnel");

  const refreshSlow = () => Promise.allSettled([
    refreshFunnel(),
    part("now/episodes", {}, showEpisodes, "episodes"),
    part("now/troubles", {}, showTroubles, "dead", "rejected", "actions"),
  ]);

  const trouble = h("div", { class: "trouble" });
  const span = h("select", { "aria-label": "Requests of", onchange: () => {
    days = Number(span.value);
    refreshFunnel().catch(() => {});
  } }, [[7, "7 days"], [30, "30 days"], [90, "90 days"], [3650, "all time"]].map(([value, label]) =>
    h("option", { value, selected: value === days }, label)));

  for (const place of Object.values(places)) place.append(state.loading());
  root.append(
    trouble, places.figures, places.attention,
    card("From request to purchase", { class: "half", aside: span }, places.funnel),
    card("Leaving now", { class: "half", hint: "Messages that providers accepted, by the minute" }, places.sending),
    card("Products that are back", {}, places.episodes),
    card("Dead messages", { class: "half", hint: "Given up: the provider refused them, or the tries are used up" },
      places.dead),
    card("Rejected rows", { class: "half", hint: "Rows of feed files that broke a rule; correct them, then replay" },
      places.rejected),
    card("Done in the console", {}, places.actions),
  );

  function every(period, run) {
    const timer = setInterval(() => {
      if (!document.hidden) run().catch(() => {});
    }, period);
    stop.push(() => clearInterval(timer));
  }

  await Promise.allSettled([refresh(), refreshSlow()]);
  every(EVERY, refresh);
  every(SLOW_EVERY, refreshSlow);
  return () => {
    stop.forEach((end) => end());
    curve?.();
  };
}

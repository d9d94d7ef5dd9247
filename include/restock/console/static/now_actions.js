// What people may do on Now: buttons that ask first, act, say what was done, and have the page refreshed.
// Each takes the desk: { api, may: the rights of the viewer, refresh() }.

import { ask, count, h, number, say } from "./kit.js";

async function act(desk, button, question, path, body, done) {
  if (!await ask(question)) return;
  button.disabled = true;
  try {
    say(done(await desk.api.post(path, body)));
  } catch (error) {
    say(error.message, "fault");
  }
  button.disabled = false;
  await desk.refresh();
}

function actButton(id, label, allowed, dag, run) {
  return h("button", {
    id, disabled: !allowed, title: allowed ? null : `Needs the right to trigger ${dag} in Airflow`,
    onclick: (event) => run(event.currentTarget),
  }, label);
}

export function release(desk, gate) {
  const [path, allowed, dag] = gate.scope === "feed"
    ? ["now/release-feed", desk.may.ingest, "restock_ingest"]
    : ["now/release-episodes", desk.may.notify, "restock_notify"];
  return actButton(`release-${gate.gate}`, "Release", allowed, dag, (button) => act(desk, button,
    { title: `Release the gate ${gate.gate}?`, text: gate.will, action: "Release" }, path, { gate: gate.gate },
    (done) => `Released ${gate.gate}: ${count(done.product_count, "product")} go on at the next run.`));
}

export function probe(desk, channel) {
  return actButton(`probe-${channel.channel}`, "Try now", desk.may.notify, "restock_notify", (button) => act(desk, button,
    { title: `Try the provider of ${channel.channel} now?`, action: "Try now",
      text: `A few of its ${count(channel.unsent_count, "message")} try at the next run; when one is accepted, the `
        + "others follow." },
    "now/probe-breaker", { channel: channel.channel },
    () => `The next run tries the provider of ${channel.channel}.`));
}

export function replayDead(desk, group) {
  const { channel, outcome, provider_code } = group;
  const id = `dead-${channel}-${outcome}-${provider_code}`;
  return actButton(id, "Replay", desk.may.notify, "restock_notify", (button) => act(desk, button,
    { title: "Replay dead messages?", text: group.will, action: "Replay" },
    "now/replay-dead", { channel, outcome, provider_code },
    (done) => `${count(done.message_count, "message")} will be tried again at the next run.`));
}

export function replayRejected(desk, group) {
  const { path, reason_code: reason } = group;
  const button = actButton(`rejected-${path}-${reason}`, "Replay", desk.may.ingest, "restock_ingest", (pressed) =>
    act(desk, pressed, { title: "Replay rejected rows?", text: group.will, action: "Replay" },
      "now/replay-rejected", { path, reason },
      (done) => `${count(done.replayed, "row")} read again: ${number(done.replayed - done.rejected_again)} good, `
        + `${number(done.rejected_again)} rejected again${done.left ? `, ${number(done.left)} left` : ""}.`));
  if (group.waiting_count === group.stuck_count) {
    button.disabled = true;
    button.title = "These rows need a correction first: restock.correct_rejected_row";
  }
  return button;
}

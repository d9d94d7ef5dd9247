// What changed settings would do, beside what those in force do.

import { timeChart } from "./chart.js";
import { count, h, number, time } from "./kit.js";

const RULES = {
  below_threshold: "too few units to count as back", capped: "over the daily limit", daily_cap: "over the daily limit",
  max_delay: "over the daily limit", holdout: "left out to measure the effect", cooldown: "told shortly before",
  no_address: "no address", no_channel: "channel not offered", expired: "expired", suppressed: "address suppressed",
  purchased: "bought already", sold_out: "sold out before it left", ended: "ended before it left", gate: "held by a gate",
  not_planned: "not planned", paused: "paused",
};

const rule = (name) => RULES[name] ?? name.replaceAll("_", " ");

function signed(before, after) {
  const step = after - before;
  return step === 0 ? "=" : `${step > 0 ? "+" : "−"}${number(Math.abs(step))}`;
}

function figures({ in_force: before, proposed: after }) {
  const kept = [...new Set([...Object.keys(before.not_told), ...Object.keys(after.not_told)])].sort();
  const rows = [
    ["Requests told", before.told, after.told], ["Shoppers told", before.shoppers, after.shoppers],
    ["Messages", before.messages, after.messages],
    ...kept.map((name) => [`Not told: ${rule(name)}`, before.not_told[name] ?? 0, after.not_told[name] ?? 0]),
    ["Waves", before.waves, after.waves], ["Requests in the largest wave", before.largest_wave, after.largest_wave],
    ["Products that are back", before.episodes, after.episodes],
    ["Products held by a gate", before.held_episodes, after.held_episodes],
    ["Expected sell-outs", before.sell_out_count, after.sell_out_count],
  ];
  const cell = (text, kind = "number") => h("td", { class: kind }, text);
  return h("table", { class: "compare" },
    h("thead", {}, h("tr", {}, ["", "Now", "Changed", "Difference"].map((text) =>
      h("th", { scope: "col", class: text && "number" }, text)))),
    h("tbody", {}, rows.map(([text, old, fresh]) => h("tr", { class: old === fresh ? "" : "differs" },
      h("th", { scope: "row" }, text), cell(number(old)), cell(number(fresh)), cell(signed(old, fresh))))));
}

function byRule(counts, how) {
  return Object.entries(counts).map(([name, many]) => `${number(many)} ${how} ${rule(name)}`).join(", ");
}

function sentences({ difference: step, in_force: before, proposed: after }) {
  const total = (counts) => Object.values(counts).reduce((sum, many) => sum + many, 0);
  const [more, fewer] = [total(step.newly_told), total(step.no_longer_told)];
  const moved = step.earlier + step.later;
  const shift = Math.abs(step.median_shift_minutes);
  const said = shift >= 120 ? count(Math.round(shift / 60), "hour") : count(Math.round(shift), "minute");
  return [
    more && `${count(more, "request")} newly told (${byRule(step.newly_told, "now")})`,
    fewer && `${count(fewer, "request")} no longer told (${byRule(step.no_longer_told, "then")})`,
    moved && `${number(step.earlier)} told earlier, ${number(step.later)} later, half of them by ${said} or more`,
    !more && !fewer && !moved && (before.told || after.told
      ? "Nobody is told otherwise at the next run: the change counts for what comes back later."
      : "Nobody would be told at the next run, with or without the change: no request waits for a product that is back."),
  ].filter(Boolean);
}

function sellOuts(side) {
  return h("ul", { class: "plain" }, side.sell_outs.map((one) => h("li", {}, h("strong", {}, one.product_id), ` (${one.store_id}), `,
    time(one.at), `: ${count(one.units, "unit")}, ${number(one.told_after)} told after that`)),
  side.sell_out_count > side.sell_outs.length
    && h("li", {}, `and ${number(side.sell_out_count - side.sell_outs.length)} more`));
}

// Fills root; returns a function that ends the chart.
export function showPreview(root, result) {
  const { hours, in_force: before, proposed: after } = result.curve;
  const chart = h("div", {});
  root.replaceChildren(
    h("h3", {}, "What the next run would do"),
    h("ul", { class: "findings" }, sentences(result).map((text) => h("li", {}, text))),
    hours.length ? h("h3", {}, "Requests answered in each hour") : "", chart, figures(result),
    after.length && result.proposed.sell_outs.length ? h("details", {}, h("summary", {}, "Expected to sell out, changed"),
      sellOuts(result.proposed)) : "",
    h("details", {}, h("summary", {}, "How to read this"), h("ul", { class: "plain" },
      result.notes.map((note) => h("li", {}, note)))));
  if (!hours.length) return () => {};
  // The last hour has its length as well.
  const x = [...hours, new Date(+new Date(hours.at(-1)) + 3_600_000)].map((hour) => new Date(hour) / 1000);
  const sum = (values) => number(values.reduce((total, value) => total + value, 0));
  return timeChart(chart, {
    x, steps: true, height: 170,
    series: [{ label: "Now", values: [...before, 0], dash: [5, 4] }, { label: "Changed", values: [...after, 0] }],
    describe: `Requests answered in each hour: ${sum(before)} as it is now, ${sum(after)} with the change.`,
  });
}

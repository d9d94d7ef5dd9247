// Schedule: when the messages to come fall due, by channel or wave, over the shoppers' nights.

import { timeChart } from "./chart.js";
import { card, count, h, number, percent, state, time, zone } from "./kit.js";

export const title = "Schedule";

const EVERY = 30_000;
const SPANS = [["12", "12 hours"], ["24", "24 hours"], ["48", "2 days"], ["168", "7 days"]];
const BY = [["by_channel", "By channel"], ["by_wave", "By wave"]];

// --- The curve ------------------------------------------------------------------------------------------------------

function describe(data, series) {
  const peak = data.starts.map((start, at) => [series.reduce((sum, { values }) => sum + values[at], 0), start])
    .reduce((best, one) => (one[0] > best[0] ? one : best));
  return `${number(data.total - data.later)} messages fall due; the most, ${number(peak[0])}, at `
    + `${new Date(peak[1]).toLocaleString("en")}. ${series.map(({ name, values }) =>
      `${name}: ${number(values.reduce((a, b) => a + b, 0))}`).join(", ")}.`;
}

function summaryOf({ total, later, is_exact, quiet }) {
  return [h("b", {}, is_exact ? "" : "About ", count(total - later, "message")), " in this time",
    later ? `, ${number(later)} later` : "",
    quiet.hours ? `; quiet hours ${quiet.hours} on each shopper's clock` : "; no quiet hours"];
}

function nothing(data, chosen) {
  const narrowed = chosen.store_id || chosen.category || chosen.product_id;
  return state.empty("Nothing is scheduled in this time",
    data.later ? "Look further ahead." : narrowed ? "Nothing waits for what you narrowed it to."
      : "Messages stand here from the run that plans them until they leave.");
}

// Returns a function that ends the chart.
function drawCurve(place, nights, data, by) {
  const x = data.starts.map((start) => new Date(start) / 1000);
  const end = timeChart(place, {
    x, stacked: true, steps: true, height: 300,
    series: data[by].map(({ name, values }) => ({ label: name, values })),
    bands: data.quiet.share.map((share, at) => ({
      from: x[at], to: x[at] + data.step_seconds, strength: 0.32 * share,
    })),
    describe: describe(data, data[by]),
    onlayout: (left, width) => {
      nights.style.setProperty("--left", `${left}px`);
      nights.style.setProperty("--width", `${width}px`);
    },
  });
  if (data.quiet.zones.length) {
    nights.append(h("h3", {}, "Quiet hours in the most frequent time zones"),
      ...data.quiet.zones.map((one) => night(one, x[0], x.at(-1))));
  }
  return end;
}

const said = (iso) => new Date(iso).toLocaleString("en", {
  weekday: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23",
});

// A time zone's night stands below the hours of the curve in which it is quiet there.
function night({ name, share, quiet: stretches }, from, to) {
  const at = (moment) => Math.min(100, Math.max(0, (100 * (new Date(moment) / 1000 - from)) / (to - from)));
  const inWords = stretches.map(([begin, end]) => `${said(begin)} to ${said(end)}`);
  return h("div", { class: "night" },
    h("span", { class: "zone", title: name }, name.split("/").at(-1).replaceAll("_", " "),
      h("small", {}, ` ${percent(share)}`)),
    h("span", { class: "band", role: "img",
      "aria-label": `${name}, ${percent(share)} of the shoppers: quiet ${inWords.join(", ") || "at no time"}` },
    stretches.map(([begin, end], index) => h("i", {
      title: `${name}: ${inWords[index]}`,
      style: { left: `${at(begin)}%`, width: `${at(end) - at(begin)}%` },
    }))));
}

// --- What is shown --------------------------------------------------------------------------------------------------
// view: { api, chosen, by, last: what is shown, asked: the call under way, endChart, and nodes }

function clear(view) {
  view.endChart?.();
  view.endChart = null;
  view.summary.replaceChildren();
  view.place.replaceChildren();
  view.nights.replaceChildren();
}

function draw(view) {
  const data = view.last;
  clear(view);
  view.summary.replaceChildren(...summaryOf(data));
  if (data.total === data.later) view.place.append(nothing(data, view.chosen));
  else view.endChart = drawCurve(view.place, view.nights, data, view.by);
}

async function load(view) {
  view.asked?.abort();
  const asked = (view.asked = new AbortController());
  try {
    const data = await view.api.get("schedule", view.chosen, asked.signal);
    const same = view.last && JSON.stringify({ ...data, clock: 0 }) === JSON.stringify({ ...view.last, clock: 0 });
    view.last = data;
    view.updated.replaceChildren("As of ", time(data.clock), `, times in ${zone}`);
    if (!same || !view.endChart) draw(view);
  } catch (error) {
    if (error.name === "AbortError") return;
    view.last = null;
    clear(view);
    view.place.append(state.error(error, () => load(view)));
  }
}

// --- What is asked --------------------------------------------------------------------------------------------------

function select(view, name, label, options) {
  return h("label", {}, label, h("select", { name, onchange: (event) => {
    view.chosen[name] = event.target.value;
    load(view);
  } }, options.map(([value, text]) => h("option", { value, selected: view.chosen[name] === value }, text))));
}

function productField(view, products) {
  const input = h("input", {
    name: "product_id", type: "search", list: "products-back", placeholder: "Any product", autocomplete: "off",
    onchange: () => {
      view.chosen.product_id = input.value.trim();
      load(view);
    },
  });
  return [h("label", {}, "Product", input),
    h("datalist", { id: "products-back" }, products.map(([id, name]) => h("option", { value: id }, name)))];
}

function colourSwitch(view) {
  const switches = h("div", { class: "switch", role: "group", "aria-label": "Colours" }, BY.map(([value, label]) =>
    h("button", { "aria-pressed": String(value === view.by), onclick: ({ currentTarget }) => {
      view.by = value;
      for (const button of switches.children) button.setAttribute("aria-pressed", String(button === currentTarget));
      if (view.last) draw(view);
    } }, label)));
  return switches;
}

function controlsOf(view, { stores, categories, products }) {
  return [
    select(view, "hours", "Ahead", SPANS),
    select(view, "store_id", "Store", [["", "All stores"], ...stores.map((store) => [store, store])]),
    select(view, "category", "Category", [["", "All categories"], ...categories.map((one) => [one, one])]),
    ...productField(view, products),
    colourSwitch(view),
  ];
}

export async function render(root, api) {
  const view = {
    api, chosen: { hours: "24", store_id: "", category: "", product_id: "" }, by: "by_channel",
    last: null, asked: null, endChart: null,
    summary: h("p", { class: "summary", "aria-live": "polite" }),
    place: h("div", { class: "curve" }, state.loading()),
    nights: h("div", { class: "nights" }),
    updated: h("p", { class: "aside" }),
  };
  const controls = h("div", { class: "controls" });
  root.append(card("Messages to come", { aside: view.updated }, controls, view.summary, view.place, view.nights));
  const choices = await api.get("schedule/choices").catch(() => ({ stores: [], categories: [], products: [] }));
  controls.append(...controlsOf(view, choices));
  await load(view);
  const timer = setInterval(() => {
    if (!document.hidden && !view.place.matches(":hover")) load(view);
  }, EVERY);
  return () => {
    clearInterval(timer);
    view.asked?.abort();
    view.endChart?.();
  };
}

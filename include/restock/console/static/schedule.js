// Schedule: when the messages to come fall due, by channel or wave, over the shoppers' nights.

import { timeChart } from "./chart.js";
import { card, count, h, number, percent, state, time, zone } from "./kit.js";

export const title = "Schedule";

const EVERY = 30_000;
const SPANS = [["12", "12 hours"], ["24", "24 hours"], ["48", "2 days"], ["168", "7 days"]];

export async function render(root, api) {
  const chosen = { hours: "24", store_id: "", category: "", product_id: "" };
  let by = "by_channel";
  let last = null;
  let endChart = null;
  let asked = null;

  const summary = h("p", { class: "summary", "aria-live": "polite" });
  const place = h("div", { class: "curve" }, state.loading());
  const nights = h("div", { class: "nights" });

  // --- The curve ----------------------------------------------------------------------------------------------------

  function describe(data, series) {
    const peak = data.starts.map((start, at) => [series.reduce((sum, { values }) => sum + values[at], 0), start])
      .reduce((best, one) => (one[0] > best[0] ? one : best));
    return `${number(data.total - data.later)} messages fall due; the most, ${number(peak[0])}, at `
      + `${new Date(peak[1]).toLocaleString("en")}. ${series.map(({ name, values }) =>
        `${name}: ${number(values.reduce((a, b) => a + b, 0))}`).join(", ")}.`;
  }

  function draw() {
    const data = last;
    endChart?.();
    endChart = null;
    place.replaceChildren();
    nights.replaceChildren();
    const shown = data.total - data.later;
    summary.replaceChildren(h("b", {}, data.is_exact ? "" : "About ", count(shown, "message")), " in this time",
      data.later ? `, ${number(data.later)} later` : "", data.quiet.hours
        ? `; quiet hours ${data.quiet.hours} on each shopper's clock` : "; no quiet hours");
    if (!shown) {
      const narrowed = chosen.store_id || chosen.category || chosen.product_id;
      place.append(state.empty("Nothing is scheduled in this time",
        data.later ? "Look further ahead." : narrowed ? "Nothing waits for what you narrowed it to."
          : "Messages stand here from the run that plans them until they leave."));
      return;
    }
    const x = data.starts.map((start) => new Date(start) / 1000);
    endChart = timeChart(place, {
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
    drawNights(data, x[0], x.at(-1));
  }

  // One row a time zone; its night stands below the hours of the curve in which it is quiet there.
  function drawNights({ quiet }, from, to) {
    if (!quiet.zones.length) return;
    const at = (moment) => Math.min(100, Math.max(0, (100 * (new Date(moment) / 1000 - from)) / (to - from)));
    nights.append(h("h3", {}, "Quiet hours in the most frequent time zones"), ...quiet.zones.map(({ name, share, quiet: stretches }) =>
      h("div", { class: "night" },
        h("span", { class: "zone", title: name }, name.split("/").at(-1).replaceAll("_", " "),
          h("small", {}, ` ${percent(share)}`)),
        h("span", { class: "band", role: "img", "aria-label": `${name}, ${percent(share)} of the shoppers: quiet `
            + (stretches.map(([begin, end]) => `${said(begin)} to ${said(end)}`).join(", ") || "at no time") },
          stretches.map(([begin, end]) => h("i", {
            title: `${name}: ${said(begin)} to ${said(end)}`,
            style: { left: `${at(begin)}%`, width: `${at(end) - at(begin)}%` },
          }))))));
  }

  const said = (iso) => new Date(iso).toLocaleString("en", {
    weekday: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23",
  });

  // --- What is asked ------------------------------------------------------------------------------------------------

  async function load() {
    asked?.abort();
    const mine = (asked = new AbortController());
    try {
      const data = await api.get("schedule", chosen, mine.signal);
      const same = last && JSON.stringify({ ...data, clock: 0 }) === JSON.stringify({ ...last, clock: 0 });
      last = data;
      updated.replaceChildren("As of ", time(data.clock), `, times in ${zone}`);
      if (!same || !endChart) draw();
    } catch (error) {
      if (error.name === "AbortError") return;
      endChart?.();
      endChart = null;
      last = null;
      summary.replaceChildren();
      nights.replaceChildren();
      place.replaceChildren(state.error(error, load));
    }
  }

  function select(name, label, options) {
    return h("label", {}, label, h("select", { name, onchange: (event) => {
      chosen[name] = event.target.value;
      load();
    } }, options.map(([value, text]) => h("option", { value, selected: chosen[name] === value }, text))));
  }

  const switches = h("div", { class: "switch", role: "group", "aria-label": "Colours" },
    [["by_channel", "By channel"], ["by_wave", "By wave"]].map(([value, label]) => h("button", {
      "aria-pressed": String(value === by), onclick: ({ currentTarget }) => {
        by = value;
        for (const button of switches.children) {
          button.setAttribute("aria-pressed", String(button === currentTarget));
        }
        if (last) draw();
      },
    }, label)));

  const updated = h("p", { class: "aside" });
  const controls = h("div", { class: "controls" });
  root.append(card("Messages to come", { aside: updated }, controls, summary, place, nights));

  const choices = await api.get("schedule/choices").catch(() => ({ stores: [], categories: [], products: [] }));
  const product = h("input", {
    name: "product_id", type: "search", list: "products-back", placeholder: "Any product", autocomplete: "off",
    onchange: () => {
      chosen.product_id = product.value.trim();
      load();
    },
  });
  controls.append(
    select("hours", "Ahead", SPANS),
    select("store_id", "Store", [["", "All stores"], ...choices.stores.map((store) => [store, store])]),
    select("category", "Category", [["", "All categories"], ...choices.categories.map((one) => [one, one])]),
    h("label", {}, "Product", product),
    h("datalist", { id: "products-back" }, choices.products.map(([id, name]) => h("option", { value: id }, name))),
    switches,
  );
  await load();
  const timer = setInterval(() => {
    if (!document.hidden && !place.matches(":hover")) load();
  }, EVERY);
  return () => {
    clearInterval(timer);
    asked?.abort();
    endChart?.();
  };
}

// Demand: what shoppers wait for, and what that is worth.

import { card, compact, count, h, number, state, time } from "./kit.js";

export const title = "Demand";

const PAGE = 25;
const COLUMNS = [
  ["product_name", "Product", ""], ["waiting_units", "Units wanted", "number"], ["waiting_shoppers", "Shoppers", "number"],
  ["median_wait_days", "Wait", "number"], ["revenue_at_stake", "Revenue at stake", "number"],
  ["expired_units", "Expired units", "number"], ["available_quantity", "In stock", "number"],
];

function money(value, currency, digits = 0) {
  if (value == null) return "–";
  const options = { maximumFractionDigits: digits, minimumFractionDigits: digits };
  return new Intl.NumberFormat("en", currency ? { style: "currency", currency, ...options } : options).format(value);
}

const days = (value) => (value == null ? "–" : value < 1 ? "under a day" : count(Math.round(value), "day"));

export async function render(root, api) {
  const chosen = { store: "", category: "", wanted: "", by: "waiting_units", descending: true, first: 0 };
  let turn = 0;
  let typing = null;

  const figures = h("div", { class: "figures" }, state.loading());
  const list = h("div", {}, state.loading());
  const filters = () => ({ store: chosen.store, category: chosen.category, wanted: chosen.wanted, by: chosen.by,
    descending: chosen.descending });

  function figure(name, value, hint) {
    return h("div", { class: "card kpi" }, h("h3", {}, name), h("p", { class: "figure" }, value), h("p", { class: "hint" }, hint));
  }

  function showFigures({ totals, product_count: products }) {
    const sum = (name) => totals.reduce((total, one) => total + one[name], 0);
    const priced = totals.filter((one) => one.revenue_at_stake != null && one.currency);
    const [most, ...others] = priced;
    figures.replaceChildren(
      figure("Units wanted", compact(sum("waiting_units")), `in ${count(sum("waiting_requests"), "request")}`),
      figure("Products", compact(products), "that somebody waits for, or waited for"),
      figure("Revenue at stake", most ? money(most.revenue_at_stake, most.currency) : "–", most
        ? [`likely ${money(most.revenue_low, most.currency)} to ${money(most.revenue_high, most.currency)}`,
          others.map((one) => `; ${money(one.revenue_at_stake, one.currency)}`)]
        : "no product has a price"),
      figure("Expired demand", compact(sum("expired_units")), "units whose shoppers nobody could tell in time"));
  }

  function sort(column) {
    chosen.descending = chosen.by === column ? !chosen.descending : column !== "product_name";
    chosen.by = column;
    chosen.first = 0;
    load();
  }

  function header([column, text, kind]) {
    const active = chosen.by === column;
    return h("th", { class: kind, scope: "col", "aria-sort": active ? (chosen.descending ? "descending" : "ascending") : null },
      h("button", { class: "plain sort", id: `sort-${column}`, onclick: () => sort(column) }, text,
        h("span", { "aria-hidden": "true" }, active ? (chosen.descending ? " ↓" : " ↑") : "")));
  }

  function row(one, most) {
    const cell = (name, kind, ...content) => h("td", { class: kind, "data-label": name }, h("div", {}, content));
    return h("tr", {},
      cell("Product", "", one.product_name ?? one.product_id, h("span", { class: "sub" },
        [one.store_id, one.product_id, one.category, one.brand].filter(Boolean).join(" · "))),
      cell("Units wanted", "number", number(one.waiting_units), h("span", { class: "meter", "aria-hidden": "true" },
        h("i", { style: { width: `${most ? 100 * one.waiting_units / most : 0}%` } }))),
      cell("Shoppers", "number", number(one.waiting_shoppers)),
      cell("Wait", "number", one.oldest_requested_at ? [days(one.median_wait_days), h("span", { class: "sub" }, "since ",
        time(one.oldest_requested_at))] : "–"),
      cell("Revenue at stake", "number", money(one.revenue_at_stake, one.currency), one.revenue_at_stake == null ? ""
        : h("span", { class: "sub" }, `${money(one.revenue_low, one.currency)} – ${money(one.revenue_high, one.currency)}`)),
      cell("Expired units", "number", number(one.expired_units)),
      cell("In stock", "number", one.available_quantity ? number(one.available_quantity) : h("span", { class: "bad" }, "sold out")));
  }

  function pager(total) {
    const turnTo = (first) => {
      chosen.first = first;
      load();
    };
    const last = Math.min(chosen.first + PAGE, total);
    return h("div", { class: "pager" }, h("span", { class: "muted" }, `${number(chosen.first + 1)} to ${number(last)} of ${count(total, "product")}`),
      h("button", { disabled: !chosen.first, onclick: () => turnTo(Math.max(0, chosen.first - PAGE)) }, "Back"),
      h("button", { disabled: last >= total, onclick: () => turnTo(chosen.first + PAGE) }, "Next"));
  }

  function show(page) {
    showFigures(page);
    const options = (values, all, now) => [["", all], ...values.map((value) => [value, value])].map(([value, text]) =>
      h("option", { value, selected: value === now }, text));
    stores.replaceChildren(...options(page.stores, "All stores", chosen.store));
    categories.replaceChildren(...options(page.categories, "All categories", chosen.category));
    const narrowed = chosen.store || chosen.category || chosen.wanted;
    if (!page.products.length) {
      list.replaceChildren(narrowed ? state.empty("No product fits", "Take a filter away, or search for something else.")
        : page.refreshed_at ? state.empty("Nobody waits for anything", "Requests appear here within minutes.")
          : state.empty("Not worked out yet", "restock_notify sums demand up after a run; then it stands here."));
      return;
    }
    const focused = document.activeElement?.id;
    const most = Math.max(...page.products.map((one) => one.waiting_units));
    list.replaceChildren(
      h("div", { class: "scroll" }, h("table", { class: "demand-table" }, h("thead", {}, h("tr", {}, COLUMNS.map(header))),
        h("tbody", {}, page.products.map((one) => row(one, most))))),
      pager(page.product_count),
      h("p", { class: "hint" }, "Revenue at stake is waiting units × price × the share of messages that lead to a purchase; its range "
        + "is the 95 % range of that share. As of ", time(page.refreshed_at), "."));
    if (focused?.startsWith("sort-")) document.getElementById(focused)?.focus();
  }

  async function load() {
    const mine = ++turn;
    list.classList.add("stale");
    const values = filters();
    report.href = `api/demand/report.csv?${new URLSearchParams(Object.entries(values).filter(([, value]) => value !== ""))}`;
    order.value = `${chosen.by} ${chosen.descending}`;
    try {
      const page = await api.get("demand", { ...values, first: chosen.first });
      if (mine !== turn) return;
      show(page);
    } catch (error) {
      if (mine !== turn) return;
      list.replaceChildren(state.error(error, load));
      figures.replaceChildren();
    }
    list.classList.remove("stale");
  }

  function pick(name) {
    return (event) => {
      chosen[name] = event.target.value;
      chosen.first = 0;
      load();
    };
  }

  const search = h("input", { type: "search", placeholder: "Name, id or brand", maxlength: 500, oninput: (event) => {
    clearTimeout(typing);
    typing = setTimeout(() => pick("wanted")({ target: { value: event.target.value.trim() } }), 250);
  } });
  const stores = h("select", { onchange: pick("store") });
  const categories = h("select", { onchange: pick("category") });
  const order = h("select", { onchange: () => {
    const [by, descending] = order.value.split(" ");
    Object.assign(chosen, { by, descending: descending === "true", first: 0 });
    load();
  } }, COLUMNS.flatMap(([column, text]) => [true, false].map((descending) =>
    h("option", { value: `${column} ${descending}` }, `${text} ${descending ? "↓" : "↑"}`))));
  const report = h("a", { class: "button", id: "report", download: "" }, "Buyer's report (CSV)");

  root.append(figures, card("What shoppers wait for", { aside: report }, h("div", { class: "controls" },
    h("label", {}, "Search", search), h("label", {}, "Store", stores), h("label", {}, "Category", categories),
    h("label", { class: "narrow" }, "Order", order)), list));
  await load();
  return () => clearTimeout(typing);
}

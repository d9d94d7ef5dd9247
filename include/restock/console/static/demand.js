// Demand: what shoppers wait for, and what that is worth.

import { card, compact, count, figure, h, number, state, time } from "./kit.js";

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

// --- What is shown --------------------------------------------------------------------------------------------------
// view: { api, chosen, turn: the number of the newest call, and nodes }

function showFigures(place, { totals, product_count: products }) {
  const sum = (name) => totals.reduce((total, one) => total + one[name], 0);
  const priced = totals.filter((one) => one.revenue_at_stake != null && one.currency);
  const [most, ...others] = priced;
  place.replaceChildren(
    figure("Units wanted", compact(sum("waiting_units")), `in ${count(sum("waiting_requests"), "request")}`),
    figure("Products", compact(products), "that somebody waits for, or waited for"),
    figure("Revenue at stake", most ? money(most.revenue_at_stake, most.currency) : "–", most
      ? [`likely ${money(most.revenue_low, most.currency)} to ${money(most.revenue_high, most.currency)}`,
        others.map((one) => `; ${money(one.revenue_at_stake, one.currency)}`)]
      : totals.some((one) => one.revenue_at_stake != null) ? "products have a price, but no currency"
        : "no product has a price"),
    figure("Expired demand", compact(sum("expired_units")), "units whose shoppers nobody could tell in time"));
}

function sort(view, column) {
  const { by, descending } = view.chosen;
  narrow(view, { by: column, descending: by === column ? !descending : column !== "product_name" });
}

function header(view, [column, text, kind]) {
  const { by, descending } = view.chosen;
  const active = by === column;
  return h("th", { class: kind, scope: "col", "aria-sort": active ? (descending ? "descending" : "ascending") : null },
    h("button", { class: "plain sort", id: `sort-${column}`, onclick: () => sort(view, column) }, text,
      h("span", { "aria-hidden": "true" }, active ? (descending ? " ↓" : " ↑") : "")));
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

function pager(view, total) {
  const { first } = view.chosen;
  const turnTo = (next) => {
    view.chosen.first = next;
    load(view);
  };
  const last = Math.min(first + PAGE, total);
  return h("div", { class: "pager" }, h("span", { class: "muted" }, `${number(first + 1)} to ${number(last)} of ${count(total, "product")}`),
    h("button", { disabled: !first, onclick: () => turnTo(Math.max(0, first - PAGE)) }, "Back"),
    h("button", { disabled: last >= total, onclick: () => turnTo(first + PAGE) }, "Next"));
}

function nothing({ refreshed_at }, { store, category, wanted }) {
  if (store || category || wanted) return state.empty("No product fits", "Take a filter away, or search for something else.");
  return refreshed_at ? state.empty("Nobody waits for anything", "Requests appear here within minutes.")
    : state.empty("Not worked out yet", "restock_notify sums demand up after a run; then it stands here.");
}

function showProducts(view, page) {
  const focused = document.activeElement?.id;
  const most = Math.max(...page.products.map((one) => one.waiting_units));
  view.list.replaceChildren(
    h("div", { class: "scroll" }, h("table", { class: "demand-table" },
      h("thead", {}, h("tr", {}, COLUMNS.map((column) => header(view, column)))),
      h("tbody", {}, page.products.map((one) => row(one, most))))),
    pager(view, page.product_count),
    h("p", { class: "hint" }, "Revenue at stake is waiting units × price × the share of messages that lead to a purchase; its range "
      + "is the 95 % range of that share. As of ", time(page.refreshed_at), "."));
  if (focused?.startsWith("sort-")) document.getElementById(focused)?.focus();
}

function show(view, page) {
  const { chosen } = view;
  const options = (values, all, now) => [["", all], ...values.map((value) => [value, value])].map(([value, text]) =>
    h("option", { value, selected: value === now }, text));
  showFigures(view.figures, page);
  view.stores.replaceChildren(...options(page.stores, "All stores", chosen.store));
  view.categories.replaceChildren(...options(page.categories, "All categories", chosen.category));
  if (page.products.length) showProducts(view, page);
  else view.list.replaceChildren(nothing(page, chosen));
}

// --- What is asked --------------------------------------------------------------------------------------------------

async function load(view) {
  const mine = ++view.turn;
  const { first, ...filters } = view.chosen;
  const given = Object.entries(filters).filter(([, value]) => value !== "");
  view.list.classList.add("stale");
  view.report.href = `api/demand/report.csv?${new URLSearchParams(given)}`;
  view.order.value = `${filters.by} ${filters.descending}`;
  try {
    const page = await view.api.get("demand", { ...filters, first });
    if (mine !== view.turn) return;
    show(view, page);
  } catch (error) {
    if (mine !== view.turn) return;
    view.list.replaceChildren(state.error(error, () => load(view)));
    view.figures.replaceChildren();
  }
  view.list.classList.remove("stale");
}

// Another choice starts at its first page.
function narrow(view, choice) {
  Object.assign(view.chosen, choice, { first: 0 });
  load(view);
}

function searchField(view) {
  return h("input", { type: "search", placeholder: "Name, id or brand", maxlength: 500, oninput: (event) => {
    clearTimeout(view.typing);
    view.typing = setTimeout(() => narrow(view, { wanted: event.target.value.trim() }), 250);
  } });
}

function orderField(view) {
  const order = h("select", { onchange: () => {
    const [by, descending] = order.value.split(" ");
    narrow(view, { by, descending: descending === "true" });
  } }, COLUMNS.flatMap(([column, text]) => [true, false].map((descending) =>
    h("option", { value: `${column} ${descending}` }, `${text} ${descending ? "↓" : "↑"}`))));
  return order;
}

export async function render(root, api) {
  const view = {
    api, turn: 0, typing: null,
    chosen: { store: "", category: "", wanted: "", by: "waiting_units", descending: true, first: 0 },
    figures: h("div", { class: "figures" }, state.loading()),
    list: h("div", {}, state.loading()),
    stores: h("select", { onchange: (event) => narrow(view, { store: event.target.value }) }),
    categories: h("select", { onchange: (event) => narrow(view, { category: event.target.value }) }),
    report: h("a", { class: "button", id: "report", download: "" }, "Buyer's report (CSV)"),
  };
  view.order = orderField(view);
  root.append(view.figures, card("What shoppers wait for", { aside: view.report }, h("div", { class: "controls" },
    h("label", {}, "Search", searchField(view)), h("label", {}, "Store", view.stores),
    h("label", {}, "Category", view.categories), h("label", { class: "narrow" }, "Order", view.order)), view.list));
  await load(view);
  return () => clearTimeout(view.typing);
}

// Explain: why a shopper was told, or was not.

import { query } from "./app.js";
import { ago, card, count, h, state, time } from "./kit.js";

export const title = "Explain";

const KINDS = { waiting: "", available: "warn", scheduled: "warn", notified: "good" };
const link = (name, text = name) => h("a", { href: `#explain?${new URLSearchParams({ q: name })}` }, text);

function timeline(events) {
  return h("ol", { class: "timeline" }, events.map((event) => h("li", { class: event.kind }, h("div", { class: "at" }, time(event.at)),
    h("div", {}, h("span", {}, event.text, event.until ? [" ", time(event.until)] : ""),
      event.steps.length > 0 && h("ul", { class: "plain" }, event.steps.map((step) =>
        h("li", {}, step.text, step.until ? [" → ", time(step.until)] : "")))))));
}

function sentence(text) {
  return text[0].toUpperCase() + text.slice(1) + (text.endsWith(".") ? "" : ".");
}

// Asked for when it is opened for the first time.
function timelineOf(api, requestKey, open) {
  const place = h("div", {}, state.loading());
  let asked = false;
  const details = h("details", { ontoggle: async () => {
    if (!details.open || asked) return;
    asked = true;
    try {
      const { events } = await api.get("explain/timeline", { request_key: requestKey });
      place.replaceChildren(timeline(events));
    } catch (error) {
      asked = false;
      place.replaceChildren(state.error(error));
    }
  } }, h("summary", {}, "Timeline"), place);
  details.open = open;
  return details;
}

function request(api, one, open) {
  return card(one.product_name, { class: "request", aside: h("span", { class: `tag ${KINDS[one.status] ?? ""}` }, one.status) },
    h("p", { class: "hint" }, "Request ", link(one.request_id), " of ", link(one.user_id), " for ",
      link(`${one.store_id}/${one.product_id}`), `, by ${one.channel}, asked `, ago(one.requested_at),
      one.joined_id ? [", answered together with ", link(one.joined_id)] : ""),
    one.sentences.length
      ? h("ul", { class: "sentences" }, one.sentences.map((text) => h("li", {}, sentence(text)))) : null,
    timelineOf(api, one.request_key, open));
}

function heading(name, page) {
  const kind = { request: "Request", shopper: "Shopper" }[page.kind] ?? "Product";
  const many = page.next ? " · the newest requests first"
    : page.requests.length > 1 ? ` · ${count(page.requests.length, "request")}` : null;
  return h("h2", { class: "found" }, `${kind} ${name}`, many && h("span", { class: "muted" }, many));
}

// next: where the page before ended; null for the first.
async function load(api, results, name, next) {
  const [at, key] = next ?? [];
  const page = await api.get("explain", { name, before_at: at, before_key: key });
  if (!next && !page.requests.length) {
    results.replaceChildren(state.empty(`Nothing is called “${name}”`,
      "Looked for a request, a shopper, a product and a store/product of exactly this name; capital letters count."));
    return;
  }
  if (!next) results.replaceChildren(heading(name, page));
  results.querySelector(".more")?.remove();
  const open = !next && page.requests.length === 1;
  results.append(...page.requests.map((one) => request(api, one, open)));
  if (!page.next) return;
  const button = h("button", { onclick: async () => {
    button.disabled = true;
    const more = () => load(api, results, name, page.next);
    await more().catch((error) => button.parentElement.replaceChildren(state.error(error, more)));
  } }, "Older requests");
  results.append(h("div", { class: "more" }, button));
}

export async function render(root, api) {
  const wanted = (query().get("q") ?? "").trim();
  const results = h("div", { class: "results", "aria-live": "polite" });
  const input = h("input", { id: "explain-name", type: "search", value: wanted, placeholder: "r-1001, ada, or main/kettle",
    autocomplete: "off", spellcheck: "false", maxlength: 500 });
  const form = h("form", { class: "controls ask", onsubmit: (event) => {
    event.preventDefault();
    const name = input.value.trim();
    if (name) location.hash = `explain?${new URLSearchParams({ q: name })}`;
  } }, h("label", { class: "grow" }, "Request, shopper, product or store/product", input), h("button", { class: "strong" }, "Explain"));
  root.append(card("Why was a shopper told, or not?", {}, form), results);
  if (!wanted) {
    input.focus({ preventScroll: true });
    results.append(state.empty("Ask about one thing", "Type an id as your systems know it: of a request, a shopper or a product."));
    return;
  }
  results.append(state.loading());
  const first = () => load(api, results, wanted, null);
  await first().catch((error) => results.replaceChildren(state.error(error, first)));
}

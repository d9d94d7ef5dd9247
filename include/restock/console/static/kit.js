// What every section needs: elements, numbers and times in words, states, questions.

// h("p", { class: "hint", onclick: f }, "text", node, [nodes], null)
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value == null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "value") element.value = value;
    else if (name === "style") Object.entries(value).forEach(([key, said]) => element.style.setProperty(key, said));
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child != null && child !== false));
  return element;
}

// --- Numbers and times, in the language of the page and the zone of the viewer -------------------------------------

const language = "en";
const whole = new Intl.NumberFormat(language);
const short = new Intl.NumberFormat(language, { notation: "compact", maximumFractionDigits: 1 });
const clock = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const dated = new Intl.DateTimeFormat(language, {
  day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23",
});
const full = new Intl.DateTimeFormat(language, { dateStyle: "long", timeStyle: "long", hourCycle: "h23" });

export const number = (value) => (value == null ? "–" : whole.format(value));
export const compact = (value) => (value == null ? "–" : value < 10_000 ? whole.format(value) : short.format(value));
// Whole percents, except close to none and close to all.
export const percent = (share, digits = 0) =>
  share == null ? "–" : `${(100 * share).toFixed((share > 0 && share < 0.01) || (share > 0.99 && share < 1) ? 1 : digits)} %`;
export const count = (value, one, many = `${one}s`) => `${number(value)} ${value === 1 ? one : many}`;
export const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

// 75 → "1 min 15 s"
export function duration(seconds) {
  if (seconds == null) return "–";
  const parts = [[86_400, "d"], [3_600, "h"], [60, "min"], [1, "s"]];
  let rest = Math.max(0, Math.round(seconds));
  const said = [];
  for (const [size, unit] of parts) {
    const amount = Math.floor(rest / size);
    rest -= amount * size;
    if (amount || (unit === "s" && !said.length)) said.push(`${amount} ${unit}`);
    if (said.length === 2 || (said.length && !amount)) break;
  }
  return said.join(" ");
}

// A moment as <time>: the clock where it is today, else with the day; the whole in the tooltip.
export function time(iso) {
  if (!iso) return document.createTextNode("–");
  const moment = new Date(iso);
  const today = moment.toDateString() === new Date().toDateString();
  return h("time", { datetime: iso, title: full.format(moment) }, (today ? clock : dated).format(moment));
}

export function ago(iso) {
  const seconds = (Date.now() - new Date(iso)) / 1000;
  const said = seconds < 0 ? `in ${duration(-seconds)}` : `${duration(seconds)} ago`;
  return h("time", { datetime: iso, title: full.format(new Date(iso)) }, said);
}

// --- States ---------------------------------------------------------------------------------------------------------

export const state = {
  loading: () => h("div", { class: "state loading", "aria-busy": "true" }, h("span", { class: "bar" }), "Loading"),
  empty: (title, hint) => h("div", { class: "state empty" }, h("strong", {}, title), hint && h("p", {}, hint)),
  error: (error, again) =>
    h("div", { class: "state error", role: "alert" }, h("strong", {}, "This could not be loaded"),
      h("p", {}, error.message), again && h("button", { onclick: again }, "Try again")),
};

// A titled panel.
export function card(title, attributes, ...children) {
  const { aside, hint, ...others } = attributes ?? {};
  return h("section", { ...others, class: `card ${others.class ?? ""}` },
    h("header", {}, h("h2", {}, title), aside),
    hint && h("p", { class: "hint" }, hint), ...children);
}

// One number that matters, in a panel of its own. kind: good, warn or bad.
export function figure(label, value, hint, kind = "") {
  return h("div", { class: "card kpi" }, h("h3", {}, label), h("p", { class: `figure ${kind}` }, value),
    h("p", { class: "hint" }, hint));
}

// table([["Product", "name"], ["Waiting", "waiting", "number"]], rows): the second is a key, or a function of the row.
export function table(columns, rows, attributes = {}) {
  const cell = (row, [label, value, kind]) => {
    const said = typeof value === "function" ? value(row) : row[value];
    return h("td", { class: kind, "data-label": label }, h("div", {}, kind === "number" && typeof said === "number"
      ? number(said) : said ?? "–"));
  };
  return h("div", { class: "scroll" }, h("table", attributes,
    h("thead", {}, h("tr", {}, columns.map(([label, , kind]) => h("th", { class: kind, scope: "col" }, label)))),
    h("tbody", {}, rows.map((row) => h("tr", {}, columns.map((column) => cell(row, column)))))));
}

// --- Talking back ---------------------------------------------------------------------------------------------------

// Says what will happen and waits for yes. ask({ title, text, action }): true or false.
export function ask({ title, text, action }) {
  const dialog = document.querySelector("#ask");
  dialog.querySelector("h2").textContent = title;
  dialog.querySelector("p").textContent = text;
  dialog.querySelector(".strong").textContent = action;
  dialog.returnValue = "no";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}

let silence = null;

// Says what was done, or what went wrong.
export function say(text, kind = "done") {
  const place = document.querySelector("#said");
  clearTimeout(silence);
  place.replaceChildren(h("div", { class: `toast ${kind}` }, text,
    h("button", { class: "close", "aria-label": "Close", onclick: () => place.replaceChildren() }, "×")));
  if (kind === "done") silence = setTimeout(() => place.replaceChildren(), 10_000);
}

// Replaces a node's content only where it differs, so that a refresh neither flickers nor takes the focus away.
export function update(node, ...children) {
  const fresh = h("div", {}, children);
  if (fresh.innerHTML === node.innerHTML) return;
  const focused = node.contains(document.activeElement) ? document.activeElement.id : "";
  node.replaceChildren(...fresh.childNodes);
  if (focused) document.getElementById(focused)?.focus();
}

// The settings on Tune, each a field with its editor, its limits and what is wrong with it.
// form: { draft, rows: name → node, changed(): what to do after a change }

import { card, h } from "./kit.js";
import { editor, label, same, say as inWords } from "./settings.js";

const GROUPS = [
  ["Who is told, and when", ["min_quantity", "notify_per_unit", "wave_interval_minutes", "priority", "quiet_hours",
    "default_timezone"]],
  ["What one shopper gets", ["digest_window_minutes", "daily_cap", "max_delay_hours", "cooldown_hours",
    "request_ttl_days", "holdout_percent", "double_opt_in"]],
  ["Safety", ["paused", "max_restock_share", "max_snapshot_age_hours", "rate_per_minute", "in_doubt"]],
  ["For a store, a category or a product", ["overrides"]],
];

const isFixed = (one) => !["variable", "default"].includes(one.source);

function change(form, name, text) {
  form.draft.set(name, text);
  mark(form, name);
  form.changed();
}

function limits(form, one) {
  const { draft } = form;
  const usesDefault = same(one, draft.text(one), one.default);
  const button = () => h("button", { type: "button", class: "plain", onclick: () => {
    change(form, one.name, one.default);
    redraw(form, one.name);
  } }, "use it");
  return h("span", {}, usesDefault ? "Default"
    : ["Default: ", inWords(one, one.default), " ", draft.mayTune && !isFixed(one) && button()],
  ["overrides", "switch", "rates", "choice"].includes(one.kind) ? "" : ` · ${one.allowed}`);
}

function source(one, mayTune) {
  if (isFixed(one)) return ` · set by ${one.source}, cannot be changed here`;
  if (!mayTune) return "";
  return one.source === "default" ? " · not set: the default holds" : " · set in Airflow";
}

function field(form, name) {
  const { draft } = form;
  const one = draft.setting(name);
  const options = { id: `set-${name}`, disabled: !draft.mayTune || isFixed(one),
    "aria-describedby": `about-${name} wrong-${name}` };
  return h("div", { class: `field of-${one.kind}` },
    h("div", { class: "about" }, h("label", { for: `set-${name}` }, label(name)), h("span", { class: "mark" }),
      h("p", { id: `about-${name}` }, one.description),
      h("p", { class: "source" }, h("code", {}, one.variable), source(one, draft.mayTune))),
    h("div", { class: "value" },
      editor(one, draft.text(one), (text) => change(form, name, text), options, draft.page),
      h("p", { class: "allowed" }), h("div", { class: "wrong", id: `wrong-${name}`, role: "alert" })));
}

export function redraw(form, name) {
  const fresh = field(form, name);
  form.rows.get(name).replaceWith(fresh);
  form.rows.set(name, fresh);
  mark(form, name);
}

function tag(one, isChanged) {
  if (isChanged) return [h("span", { class: "tag accent" }, "changed")];
  const isComing = one.stored != null && !one.problems.length && !same(one, one.stored, one.in_force);
  return isComing ? [h("span", { class: "tag warn" }, `from the next run; now ${inWords(one, one.in_force)}`)] : [];
}

// Says at a field what became of it, and leaves its editor, in which somebody may be typing, alone.
function mark(form, name) {
  const { draft } = form;
  const one = draft.setting(name);
  const row = form.rows.get(name);
  const isChanged = draft.texts.has(name);
  const wrong = draft.problems.get(name) ?? [];
  row.classList.toggle("changed", isChanged);
  row.querySelector(".mark").replaceChildren(...tag(one, isChanged));
  row.querySelector(".allowed").replaceChildren(limits(form, one));
  row.classList.toggle("invalid", wrong.length > 0);
  row.querySelector(`#set-${name}`)?.setAttribute("aria-invalid", String(wrong.length > 0));
  const place = row.querySelector(".wrong");
  place.replaceChildren(...wrong.map((sentence) => h("p", {}, sentence)));
  if (draft.meanwhile.has(name)) place.append(conflict(form, name, draft.meanwhile.get(name)));
}

export function markAll(form) {
  for (const name of form.rows.keys()) mark(form, name);
}

function conflict(form, name, theirs) {
  const { draft } = form;
  const settle = (takeTheirs) => {
    draft.settle(name, theirs, takeTheirs);
    redraw(form, name);
    form.changed();
  };
  return h("p", {}, `Somebody else set this to ${inWords(draft.setting(name), theirs)} meanwhile. `,
    h("button", { type: "button", onclick: () => settle(true) }, "Take theirs"), " ",
    h("button", { type: "button", onclick: () => settle(false) }, "Keep mine"));
}

export function makeForm(draft, changed) {
  const names = draft.page.settings.map((one) => one.name);
  const form = { draft, changed, rows: new Map() };
  for (const name of names) form.rows.set(name, field(form, name));
  markAll(form);
  return form;
}

// The fields in cards; a setting that no group names stands under More.
export function groupCards({ draft, rows }) {
  const known = new Set(GROUPS.flatMap(([, names]) => names));
  const others = [...rows.keys()].filter((name) => !known.has(name));
  return [...GROUPS, ["More", others]]
    .map(([heading, names]) => [heading, names.filter((name) => draft.setting(name))])
    .filter(([, names]) => names.length)
    .map(([heading, names]) => card(heading, {}, names.map((name) => rows.get(name))));
}

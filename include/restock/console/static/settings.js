// One setting as a field: an editor fit for its type, which gives the text of its Variable.

import { h, number } from "./kit.js";

const LABELS = {
  min_quantity: "Units to count as back", notify_per_unit: "Shoppers told for each unit", paused: "Pause everything",
  request_ttl_days: "Life of a request", max_snapshot_age_hours: "Oldest stock count to trust",
  max_restock_share: "Most products back at once", holdout_percent: "Left out, to measure the effect",
  rate_per_minute: "Most messages a minute", in_doubt: "Message in doubt after a crash",
  overrides: "Values of their own", double_opt_in: "Confirm requests by e-mail first", max_delay_hours: "Longest delay",
};
const UNITS = /_(minutes|hours|days|percent)$/;
const CHOICES = {
  fifo: "First come, first served", tier: "Higher customer tiers first", resend: "Send again", drop: "Drop it",
};
const LEVELS = { store: "Store", category: "Category", product: "Product" };
const PLACES = { store: "berlin", category: "shoes", product: "main/p-1" };

export function label(name) {
  if (LABELS[name]) return LABELS[name];
  const words = (name === "quiet_hours" ? name : name.replace(UNITS, "")).replaceAll("_", " ");
  return words[0].toUpperCase() + words.slice(1);
}

function parse(text) {
  try {
    const value = JSON.parse(text || "{}");
    return value && typeof value === "object" ? value : null;
  } catch {
    return null;
  }
}

export function same(setting, one, other) {
  if (one == null || other == null) return one === other;
  if (!["rates", "overrides"].includes(setting.kind)) return one.trim() === other.trim();
  const [a, b] = [parse(one), parse(other)];
  if (!a || !b) return one === other;
  return JSON.stringify(flatten(setting, a).sort()) === JSON.stringify(flatten(setting, b).sort());
}

function flatten(setting, value) {
  if (setting.kind === "rates") return Object.entries(value).map(([channel, rate]) => [channel, String(rate)]);
  return Object.entries(value).flatMap(([level, keys]) => Object.entries(keys ?? {}).flatMap(([key, settings]) =>
    Object.entries(settings ?? {}).map(([name, its]) => [level, key, name, text(its)])));
}

const text = (value) => (typeof value === "string" ? value : JSON.stringify(value));

// A value in words.
export function say(setting, value) {
  if (value == null) return "not set";
  if (setting.kind === "switch") return value === "true" ? "on" : "off";
  if (setting.kind === "hours") return value === "" ? "none" : value.replace("-", "–");
  if (setting.kind === "choice") return CHOICES[value] ?? value;
  if (setting.kind === "number" && value !== "" && !Number.isNaN(Number(value))) {
    const unit = Number(value) === 1 ? setting.unit.replace(/^(\w+)s\b/, "$1") : setting.unit;
    return `${number(Number(value))} ${unit}`.trim();
  }
  if (["rates", "overrides"].includes(setting.kind) && parse(value) && !flatten(setting, parse(value)).length) return "none";
  return value;
}

// What a change comes down to: [[what, from, to], …]; one row for a plain setting, one a part for a composed one.
export function parts(setting, from, to) {
  const [a, b] = [parse(from), parse(to)];
  if (!["rates", "overrides"].includes(setting.kind) || !a || !b) return [["", say(setting, from), say(setting, to)]];
  const name = (entry) => entry.slice(0, -1).map((word, at) => (at === 2 ? label(word).toLowerCase() : word)).join(" ");
  const [before, after] = [a, b].map((value) => new Map(flatten(setting, value).map((it) => [name(it), it.at(-1)])));
  const none = setting.kind === "rates" ? "no limit" : "as everywhere";
  return [...new Set([...before.keys(), ...after.keys()])].filter((key) => before.get(key) !== after.get(key))
    .map((key) => [key, before.get(key) ?? none, after.get(key) ?? none]);
}

// --- Editors: each returns a node and calls change(text) --------------------------------------------------------------

function numberEditor(setting, value, change, options) {
  const input = h("input", {
    type: "number", inputmode: setting.whole ? "numeric" : "decimal", min: setting.least, max: setting.most,
    step: setting.whole ? 1 : "any", value: value === setting.word ? "" : value, ...options,
    disabled: options.disabled || (setting.word && value === setting.word), oninput: () => change(input.value),
  });
  const unit = setting.unit && h("span", { class: "unit" }, setting.unit);
  if (!setting.word) return h("div", { class: "editor" }, input, unit);
  const auto = h("input", { type: "checkbox", checked: value === setting.word, disabled: options.disabled, onchange: () => {
    input.disabled = auto.checked;
    change(auto.checked ? setting.word : input.value || "0");
    if (!auto.checked && !input.value) input.value = "0";
  } });
  return h("div", { class: "editor" }, input, unit, h("label", { class: "tick" }, auto, setting.word));
}

function switchEditor(setting, value, change, options) {
  const word = h("span", {}, value === "true" ? "On" : "Off");
  const input = h("input", { type: "checkbox", role: "switch", checked: value === "true", ...options, onchange: () => {
    word.textContent = input.checked ? "On" : "Off";
    change(String(input.checked));
  } });
  return h("label", { class: "editor toggle" }, input, word);
}

function choiceEditor(setting, value, change, options) {
  const select = h("select", { ...options, onchange: () => change(select.value) },
    (setting.choices.includes(value) ? setting.choices : [value, ...setting.choices]).map((choice) =>
      h("option", { value: choice, selected: choice === value }, CHOICES[choice] ?? choice)));
  return h("div", { class: "editor" }, select);
}

function hoursEditor(setting, value, change, options) {
  const [from, to] = (value || setting.default || "21:00-08:00").split("-");
  const send = () => change(some.checked ? `${start.value}-${end.value}` : "");
  const time = (at, name) => h("input", { type: "time", value: at, disabled: options.disabled || !value, "aria-label": name,
    "aria-describedby": options["aria-describedby"], oninput: send });
  const [start, end] = [time(from, "From"), time(to, "Until")];
  const some = h("input", { type: "checkbox", checked: value !== "", ...options, onchange: () => {
    start.disabled = end.disabled = !some.checked;
    send();
  } });
  return h("div", { class: "editor" }, h("label", { class: "tick" }, some, "From"), start, h("span", {}, "until"), end);
}

function zoneEditor(setting, value, change, options) {
  if (!document.querySelector("#zones")) {
    document.body.append(h("datalist", { id: "zones" }, ["UTC", ...Intl.supportedValuesOf("timeZone")].map((zone) =>
      h("option", { value: zone }))));
  }
  const input = h("input", { list: "zones", value, spellcheck: "false", autocomplete: "off", ...options,
    oninput: () => change(input.value) });
  return h("div", { class: "editor" }, input);
}

function ratesEditor(setting, value, change, options, page) {
  const rates = parse(value) ?? {};
  const channels = [...new Set([...page.channels, ...Object.keys(rates)])];
  const inputs = channels.map((channel) => h("input", { type: "number", min: 1, step: 1, value: rates[channel] ?? "",
    placeholder: "no limit", disabled: options.disabled, "aria-label": `${channel}, messages a minute`, oninput: () => {
      const given = channels.map((one, at) => [one, inputs[at].value]).filter(([, rate]) => rate !== "");
      change(JSON.stringify(Object.fromEntries(given.map(([one, rate]) => [one, Number(rate)]))));
    } }));
  return h("div", { class: "editor rates", id: options.id, tabindex: -1 }, channels.map((channel, at) =>
    h("label", {}, h("span", {}, channel), inputs[at])), h("span", { class: "unit" }, "messages a minute"));
}

// The value of an override as JSON has it, from the text of its editor.
function typed(setting, value) {
  if (setting?.kind === "switch") return value === "true";
  return setting?.kind === "number" && value !== "" && !Number.isNaN(Number(value)) ? Number(value) : value;
}

function asObject(entries, find) {
  const whole = {};
  for (const [level, key, name, its] of entries) {
    if (key && name) ((whole[level] ??= {})[key] ??= {})[name] = typed(find(name), its);
  }
  return whole;
}

// What an override is of: its level, which one there, and its setting.
function overrideFields(form, entry) {
  const { page, disabled, find } = form;
  const [level, key, name] = entry;
  const choose = (setting) => {
    entry[2] = setting;
    entry[3] = find(setting).in_force;
  };
  const levels = h("select", { "aria-label": "Level", disabled, onchange: () => {
    entry[0] = levels.value;
    const allowed = page.overridable[levels.value];
    if (!allowed.includes(entry[2])) choose(allowed[0]);
    form.changed();
  } }, Object.entries(LEVELS).map(([one, said]) => h("option", { value: one, selected: one === level }, said)));
  const who = h("input", { value: key, placeholder: PLACES[level], "aria-label": "Which one", disabled, oninput: () => {
    entry[1] = who.value.trim();
    form.send();
  } });
  const names = h("select", { "aria-label": "Setting", disabled, onchange: () => {
    choose(names.value);
    form.changed();
  } }, page.overridable[level].map((one) => h("option", { value: one, selected: one === name }, label(one))));
  return [levels, who, names];
}

function overrideRow(form, entry) {
  const [, key, name, its] = entry;
  const value = editor(form.find(name) ?? { kind: "text" }, its, (said) => {
    entry[3] = said;
    form.send();
  }, { "aria-label": "Value", disabled: form.disabled }, form.page);
  const remove = h("button", { type: "button", class: "remove", disabled: form.disabled,
    "aria-label": `Remove the value of its own of ${key || "this row"}`, onclick: () => {
      form.entries.splice(form.entries.indexOf(entry), 1);
      form.changed();
    } }, "×");
  return h("div", { class: "override" }, overrideFields(form, entry), value, remove);
}

function overridesEditor(setting, value, change, options, page) {
  const { disabled } = options;
  const find = (name) => page.settings.find((one) => one.name === name);
  const list = h("div", { class: "override-list" });
  const show = () => list.replaceChildren(...form.entries.map((entry) => overrideRow(form, entry)));
  const send = () => {
    const whole = asObject(form.entries, find);
    area.value = JSON.stringify(whole, null, 2);
    change(JSON.stringify(whole));
  };
  const changed = () => {
    show();
    send();
  };
  // entries: [[level, key, name, value], …]
  const form = { page, disabled, find, send, changed, entries: flatten(setting, parse(value) ?? {}) };
  const area = h("textarea", { rows: 5, spellcheck: "false", "aria-label": "Overrides as JSON", disabled, oninput: () => {
    change(area.value);
    if (!parse(area.value)) return;
    form.entries = flatten(setting, parse(area.value));
    show();
  } });
  const add = h("button", { type: "button", disabled, onclick: () => {
    const [first] = page.overridable.store;
    form.entries.push(["store", "", first, find(first).in_force]);
    show();
    list.lastChild.querySelector("input").focus();
  } }, "Add a value");
  area.value = parse(value) ? JSON.stringify(parse(value), null, 2) : value;
  show();
  return h("div", { class: "editor overrides", id: options.id, tabindex: -1 }, list,
    h("div", { class: "below" }, add, h("details", {}, h("summary", {}, "As JSON"), area)));
}

function textEditor(setting, value, change, options) {
  const input = h("input", { value, ...options, oninput: () => change(input.value) });
  return h("div", { class: "editor" }, input);
}

const EDITORS = {
  number: numberEditor, switch: switchEditor, choice: choiceEditor, hours: hoursEditor, timezone: zoneEditor,
  rates: ratesEditor, overrides: overridesEditor,
};

// options: attributes of the control itself, such as id, disabled, aria-describedby
export function editor(setting, value, change, options, page) {
  return (EDITORS[setting.kind] ?? textEditor)(setting, value, change, options, page);
}

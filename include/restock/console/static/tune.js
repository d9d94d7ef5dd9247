// Tune: the settings, what a change of them would do, and the versions of the policy.

import { history } from "./history.js";
import { ask, card, count, h, say, state, time } from "./kit.js";
import { showPreview } from "./preview.js";
import { editor, label, parts, same, say as inWords } from "./settings.js";

export const title = "Tune";

const LOOK_AGAIN = 10_000;
const GROUPS = [
  ["Who is told, and when", ["min_quantity", "notify_per_unit", "wave_interval_minutes", "priority", "quiet_hours",
    "default_timezone"]],
  ["What one shopper gets", ["digest_window_minutes", "daily_cap", "max_delay_hours", "cooldown_hours",
    "request_ttl_days", "holdout_percent", "double_opt_in"]],
  ["Safety", ["paused", "max_restock_share", "max_snapshot_age_hours", "rate_per_minute", "in_doubt"]],
  ["For a store, a category or a product", ["overrides"]],
];

export async function render(root, api) {
  const [{ may }, first] = await Promise.all([api.me(), api.get("tune")]);
  let page = first;
  let draft = new Map();
  let seen = new Map();
  let problems = new Map();
  let meanwhile = new Map();
  let backTo = null;
  let previewed = null;
  let endChart = null;
  const rows = new Map();

  const setting = (name) => page.settings.find((one) => one.name === name);
  // Who may not read Variables sees what is in force; a missing Variable gets its default at the next run.
  const base = (one) => one.stored ?? (may.tune ? one.default : one.in_force);
  const changes = () => Object.fromEntries(draft);

  function look(data) {
    page = data;
    seen = new Map(page.settings.map((one) => [one.name, one.stored]));
    problems = new Map(page.settings.filter((one) => one.problems.length).map((one) => [one.name, one.problems]));
  }

  // --- Fields -------------------------------------------------------------------------------------------------------

  function change(name, text) {
    if (same(setting(name), text, base(setting(name)))) draft.delete(name);
    else draft.set(name, text);
    backTo = null;
    problems.delete(name);
    mark(name);
    showReview();
  }

  const isFixed = (one) => !["variable", "default"].includes(one.source);

  function limits(one) {
    const usesDefault = same(one, draft.get(one.name) ?? base(one), one.default);
    const button = () => h("button", { type: "button", class: "plain", onclick: () => {
      change(one.name, one.default);
      redraw(one.name);
    } }, "use it");
    return h("span", {}, usesDefault ? "Default" : ["Default: ", inWords(one, one.default), " ", may.tune && !isFixed(one) && button()],
      ["overrides", "switch", "rates", "choice"].includes(one.kind) ? "" : ` · ${one.allowed}`);
  }

  function field(name) {
    const one = setting(name);
    const fixed = isFixed(one);
    const value = draft.get(name) ?? base(one);
    const row = h("div", { class: `field of-${one.kind}` },
      h("div", { class: "about" }, h("label", { for: `set-${name}` }, label(name)), h("span", { class: "mark" }),
        h("p", { id: `about-${name}` }, one.description),
        h("p", { class: "source" }, h("code", {}, one.variable), fixed ? ` · set by ${one.source}, cannot be changed here`
          : !may.tune ? "" : one.source === "default" ? " · not set: the default holds" : " · set in Airflow")),
      h("div", { class: "value" },
        editor(one, value, (text) => change(name, text), { id: `set-${name}`, disabled: !may.tune || fixed,
          "aria-describedby": `about-${name} wrong-${name}` }, page),
        h("p", { class: "allowed" }), h("div", { class: "wrong", id: `wrong-${name}`, role: "alert" })));
    return row;
  }

  function redraw(name) {
    const fresh = field(name);
    rows.get(name).replaceWith(fresh);
    rows.set(name, fresh);
    mark(name);
  }

  function mark(name) {
    const one = setting(name);
    const row = rows.get(name);
    const changed = draft.has(name);
    row.classList.toggle("changed", changed);
    row.querySelector(".mark").replaceChildren(...[
      changed ? h("span", { class: "tag accent" }, "changed") : null,
      !changed && one.stored != null && !one.problems.length && !same(one, one.stored, one.in_force)
        ? h("span", { class: "tag warn" }, `from the next run; now ${inWords(one, one.in_force)}`) : null,
    ].filter(Boolean));
    row.querySelector(".allowed").replaceChildren(limits(one));
    const wrong = problems.get(name) ?? [];
    row.classList.toggle("invalid", wrong.length > 0);
    row.querySelector(`#set-${name}`)?.setAttribute("aria-invalid", String(wrong.length > 0));
    const place = row.querySelector(".wrong");
    place.replaceChildren(...wrong.map((sentence) => h("p", {}, sentence)));
    if (meanwhile.has(name)) place.append(conflict(name, meanwhile.get(name)));
  }

  function conflict(name, theirs) {
    const settle = (take) => {
      meanwhile.delete(name);
      seen.set(name, theirs);
      Object.assign(setting(name), { stored: theirs });
      if (take) draft.delete(name);
      redraw(name);
      showReview();
    };
    return h("p", {}, `Somebody else set this to ${inWords(setting(name), theirs)} meanwhile. `,
      h("button", { type: "button", onclick: () => settle(true) }, "Take theirs"), " ",
      h("button", { type: "button", onclick: () => settle(false) }, "Keep mine"));
  }

  // --- Changes, preview, saving ---------------------------------------------------------------------------------------

  const review = h("div", { class: "review" });
  const previewPlace = h("div", { class: "preview" });
  const jump = h("a", { class: "jump", href: "#tune", hidden: true, onclick: (event) => {
    event.preventDefault();
    side.scrollIntoView({ block: "start" });
  } });

  let sideSeen = false;

  function showReview() {
    jump.hidden = !draft.size || sideSeen;
    jump.textContent = `Review ${count(draft.size, "change")}`;
    const stale = previewed !== null && previewed !== JSON.stringify(changes());
    previewPlace.classList.toggle("stale", stale);
    if (!may.tune) {
      review.replaceChildren(h("p", { class: "hint" },
        "You see what is in force. To change it, Airflow must allow you to edit Variables."));
      return;
    }
    if (!draft.size) {
      review.replaceChildren(state.empty("Nothing changed yet", "Change a setting, and see here what it would do."));
      if (previewed === null) return;
      clearPreview();
      return;
    }
    const ready = previewed !== null && !stale;
    review.replaceChildren(h("div", {},
      backTo && h("p", { class: "hint" }, `Back to version ${backTo}.`),
      h("ul", { class: "changes" }, [...draft].flatMap(([name, text]) => {
        const one = setting(name);
        return parts(one, base(one), text).map(([what, from, to]) => h("li", {}, h("strong", {}, label(name)),
          what && h("span", { class: "sub" }, what), h("span", { class: "step" }, h("s", {}, from), " → ", h("b", {}, to))));
      })),
      stale && h("p", { class: "hint warn" }, "The preview below is of other values: preview again."),
      h("div", { class: "buttons" },
        h("button", { type: "button", class: ready ? "" : "strong", id: "preview", onclick: preview }, "Preview"),
        h("button", { type: "button", class: ready ? "strong" : "", id: "save", onclick: save }, "Save"),
        h("button", { type: "button", class: "quiet", onclick: discard }, "Discard"))));
  }

  function clearPreview() {
    endChart?.();
    endChart = null;
    previewed = null;
    previewPlace.replaceChildren();
  }

  function showProblems(error) {
    problems = new Map(Object.entries(error.detail?.problems ?? {}));
    meanwhile = new Map(Object.entries(error.detail?.now ?? {}));
    rows.forEach((_, name) => mark(name));
    const named = [...problems.keys(), ...meanwhile.keys()].find((name) => rows.has(name));
    const rest = problems.get("") ?? [];
    if (named) rows.get(named).scrollIntoView({ block: "center" });
    const wrong = [...problems.keys()].filter(Boolean).length;
    say([wrong ? `${count(wrong, "setting")} cannot be so: see there. Nothing was changed.` : error.message, ...rest].join(" "), "fault");
  }

  async function preview() {
    const asked = JSON.stringify(changes());
    const began = Date.now();
    clearPreview();
    const said = h("span", {}, "Working out what the next run would do");
    previewPlace.replaceChildren(h("div", { class: "state loading", "aria-busy": "true" }, h("span", { class: "bar" }), said));
    const clock = setInterval(() => {
      said.textContent = `Working out what the next run would do: ${Math.round((Date.now() - began) / 1000)} s`;
    }, 1000);
    review.querySelectorAll("button").forEach((button) => { button.disabled = true; });
    try {
      const result = await api.post("tune/preview", { changes: JSON.parse(asked) });
      previewed = asked;
      endChart = showPreview(previewPlace, result);
      problems = new Map();
      rows.forEach((_, name) => mark(name));
    } catch (error) {
      previewPlace.replaceChildren();
      showProblems(error);
    }
    clearInterval(clock);
    showReview();
  }

  async function save() {
    const lines = [...draft].flatMap(([name, text]) => parts(setting(name), base(setting(name)), text)
      .map(([what, from, to]) => `${label(name)}${what ? ` (${what})` : ""}: ${from} → ${to}`));
    const unseen = previewed === JSON.stringify(changes()) ? "" : " You have not seen the preview of this.";
    const yes = await ask({
      title: `Save ${count(draft.size, "setting")}?`, action: "Save",
      text: `${lines.join("; ")}. In force at the next run, within a minute, and recorded with your name.${unseen}`,
    });
    if (!yes) return;
    const before = Object.fromEntries([...draft.keys()].map((name) => [name, seen.get(name) ?? null]));
    try {
      await api.post("tune/save", { changes: changes(), seen: before, back_to: backTo });
    } catch (error) {
      showProblems(error);
      return;
    }
    say(`Saved ${count(draft.size, "setting")}: in force at the next run.`);
    await reload();
  }

  function discard() {
    const names = [...draft.keys()];
    draft = new Map();
    backTo = null;
    meanwhile = new Map();
    look(page);
    names.forEach(redraw);
    showReview();
  }

  async function reload() {
    look(await api.get("tune"));
    draft = new Map();
    meanwhile = new Map();
    backTo = null;
    clearPreview();
    for (const name of rows.keys()) redraw(name);
    showHead();
    showReview();
    await past.refresh(page);
  }

  async function goBack(policyId) {
    let version;
    try {
      version = await api.get(`tune/versions/${policyId}`);
    } catch (error) {
      say(error.message, "fault");
      return;
    }
    const differing = Object.entries(version).filter(([name, text]) => rows.has(name)
      && !same(setting(name), text, base(setting(name))));
    if (!differing.length) {
      say(`The settings are those of version ${policyId} already.`);
      return;
    }
    draft = new Map(differing);
    backTo = policyId;
    for (const name of rows.keys()) redraw(name);
    showReview();
    side.scrollIntoView({ block: "start" });
    await preview();
  }

  // --- The page -------------------------------------------------------------------------------------------------------

  const head = h("p", { class: "in-force" });
  const past = history(api, may.tune ? goBack : null, () => page);
  const side = h("div", { class: "side" }, h("div", { class: "sticky" },
    card(may.tune ? "Your changes" : "Read only", {}, review, previewPlace)));

  function showHead() {
    head.replaceChildren(...(page.policy_id
      ? [`Version ${page.policy_id} is in force since `, time(page.valid_from), ". A change is in force at the next run, within a minute."]
      : ["No run has put settings in force yet: the first run of restock_notify does."]));
  }

  look(page);
  const known = new Set(GROUPS.flatMap(([, names]) => names));
  const others = page.settings.map((one) => one.name).filter((name) => !known.has(name));
  const groups = [...GROUPS, ["More", others]].map(([heading, names]) => [heading, names.filter(setting)])
    .filter(([, names]) => names.length);
  for (const name of page.settings.map((one) => one.name)) rows.set(name, field(name));
  const fields = h("div", { class: "fields" }, groups.map(([heading, names]) =>
    card(heading, {}, names.map((name) => rows.get(name)))));
  rows.forEach((_, name) => mark(name));
  showHead();
  showReview();
  root.append(head, fields, side, past.card, jump);
  // Where the changes themselves can be seen, nothing need lead there.
  const watch = new IntersectionObserver(([entry]) => {
    sideSeen = entry.isIntersecting;
    jump.hidden = !draft.size || sideSeen;
  });
  watch.observe(side);
  await past.refresh(page);

  // What was saved is in force once a run has taken it up: look until then, and never while somebody edits.
  const timer = setInterval(async () => {
    const waits = page.settings.some((one) => one.stored != null && !same(one, one.stored, one.in_force));
    if (document.hidden || draft.size || !waits) return;
    await reload().catch(() => {});
  }, LOOK_AGAIN);
  return () => {
    clearInterval(timer);
    watch.disconnect();
    clearPreview();
  };
}

// The versions of the policy: what changed, who changed it, and the way back.

import { card, h, state, time } from "./kit.js";
import { label, parts } from "./settings.js";

function changeRow(change, setting, named) {
  const rows = setting ? parts(setting, change.from, change.to) : [["", change.from, change.to]];
  return rows.map(([what, from, to]) => h("li", {}, h("strong", {}, label(change.name)),
    what && h("span", { class: "muted" }, ` ${what}`), ": ", h("s", {}, from), " → ", h("b", {}, to),
    named && h("span", { class: "muted" }, ` · ${change.user ?? "elsewhere"}`)));
}

// goBack(policyId) is called by the button of a version; null where the viewer may not.
export function history(api, goBack, page) {
  const list = h("ol", { class: "versions" });
  const more = h("div", { class: "more" });
  let last = null;

  function version(one) {
    const users = [...new Set(one.changes.map(({ user }) => user ?? "elsewhere"))];
    const inForce = one.policy_id === page().policy_id;
    return h("li", {},
      h("div", { class: "head" }, h("strong", {}, `Version ${one.policy_id}`), inForce && h("span", { class: "tag good" }, "in force"),
        one.back_to && h("span", { class: "tag" }, `back to ${one.back_to}`),
        h("span", { class: "muted" }, time(one.valid_from), users.length === 1 ? ` · ${users[0]}` : "")),
      one.changes.length ? h("ul", { class: "plain" }, one.changes.map((change) =>
        changeRow(change, page().settings.find(({ name }) => name === change.name), users.length > 1)))
        : h("p", { class: "muted" }, "The first version: the settings as they were found."),
      goBack && !inForce && h("button", { type: "button", id: `back-${one.policy_id}`, onclick: () => goBack(one.policy_id) },
        `Set back to version ${one.policy_id}`));
  }

  async function load(before) {
    const answer = await api.get("tune/history", { before });
    list.append(...answer.versions.map(version));
    last = answer.versions.at(-1)?.policy_id ?? null;
    more.replaceChildren(answer.more
      ? h("button", { type: "button", onclick: () => load(last).catch(fault) }, "Older versions") : "");
    if (!list.children.length) more.replaceChildren(state.empty("No version yet", "The first run makes one."));
  }

  const fault = (error) => more.replaceChildren(state.error(error, () => refresh()));

  async function refresh() {
    list.replaceChildren();
    await load(null).catch(fault);
  }

  return {
    card: card("Versions", { hint: "Each accepted change, the newest first. “Elsewhere” is neither this page nor Airflow's." },
      list, more),
    refresh,
  };
}

// Tune: the settings, what a change of them would do, and the versions of the policy.

import { history } from "./history.js";
import { h, say, time } from "./kit.js";
import { same } from "./settings.js";
import { Draft } from "./tune_draft.js";
import { groupCards, makeForm, redraw } from "./tune_fields.js";
import { clearPreview, makeNodes, preview, showJump, showReview } from "./tune_review.js";

export const title = "Tune";

const LOOK_AGAIN = 10_000;

function showHead(head, page) {
  head.replaceChildren(...(page.policy_id
    ? [`Version ${page.policy_id} is in force since `, time(page.valid_from), ". A change is in force at the next run, within a minute."]
    : ["No run has put settings in force yet: the first run of restock_notify does."]));
}

function redrawAll(form) {
  for (const name of form.rows.keys()) redraw(form, name);
}

async function goBack(desk, policyId) {
  const { api, draft, form } = desk;
  let version;
  try {
    version = await api.get(`tune/versions/${policyId}`);
  } catch (error) {
    say(error.message, "fault");
    return;
  }
  const differing = Object.entries(version).filter(([name, text]) => form.rows.has(name)
    && !same(draft.setting(name), text, draft.base(draft.setting(name))));
  if (!differing.length) {
    say(`The settings are those of version ${policyId} already.`);
    return;
  }
  draft.goBack(policyId, differing);
  redrawAll(form);
  showReview(desk);
  desk.nodes.side.scrollIntoView({ block: "start" });
  await preview(desk);
}

function watchSide(desk) {
  const watch = new IntersectionObserver(([entry]) => {
    desk.sideSeen = entry.isIntersecting;
    showJump(desk);
  });
  watch.observe(desk.nodes.side);
  return () => watch.disconnect();
}

// What was saved is in force once a run has taken it up: look until then, and never while somebody edits.
function lookAgain({ draft, reload }) {
  const timer = setInterval(async () => {
    if (document.hidden || draft.size || !draft.waits()) return;
    await reload().catch(() => {});
  }, LOOK_AGAIN);
  return () => clearInterval(timer);
}

export async function render(root, api) {
  const [{ may }, page] = await Promise.all([api.me(), api.get("tune")]);
  const draft = new Draft(page, may.tune);
  const form = makeForm(draft, () => showReview(desk));
  const desk = {
    api, draft, form, reload, nodes: makeNodes(may.tune), previewed: null, endChart: null, sideSeen: false,
  };
  const head = h("p", { class: "in-force" });
  const past = history(api, may.tune ? (policyId) => goBack(desk, policyId) : null, () => draft.page);

  async function reload() {
    draft.read(await api.get("tune"));
    clearPreview(desk);
    redrawAll(form);
    showHead(head, draft.page);
    showReview(desk);
    await past.refresh();
  }

  showHead(head, page);
  showReview(desk);
  root.append(head, h("div", { class: "fields" }, groupCards(form)), desk.nodes.side, past.card, desk.nodes.jump);
  const endWatch = watchSide(desk);
  await past.refresh();
  const endLooking = lookAgain(desk);
  return () => {
    endLooking();
    endWatch();
    clearPreview(desk);
  };
}

// What somebody changes on Tune: the settings as they were read, and the texts that shall replace them.

import { label, parts, same } from "./settings.js";

export class Draft {
  constructor(page, mayTune) {
    this.mayTune = mayTune;
    this.read(page);
  }

  // Starts anew from what the server said.
  read(page) {
    this.page = page;
    this.texts = new Map();
    this.seen = new Map(page.settings.map((one) => [one.name, one.stored]));
    this.problems = new Map(page.settings.filter((one) => one.problems.length).map((one) => [one.name, one.problems]));
    // What others set after this page was read, by name.
    this.meanwhile = new Map();
    this.backTo = null;
  }

  get size() {
    return this.texts.size;
  }

  setting(name) {
    return this.page.settings.find((one) => one.name === name);
  }

  // Who may not read Variables sees what is in force; a missing Variable gets its default at the next run.
  base(one) {
    return one.stored ?? (this.mayTune ? one.default : one.in_force);
  }

  text(one) {
    return this.texts.get(one.name) ?? this.base(one);
  }

  set(name, text) {
    const one = this.setting(name);
    if (same(one, text, this.base(one))) this.texts.delete(name);
    else this.texts.set(name, text);
    this.backTo = null;
    this.problems.delete(name);
  }

  goBack(policyId, texts) {
    this.texts = new Map(texts);
    this.backTo = policyId;
  }

  refuse({ problems = {}, now = {} }) {
    this.problems = new Map(Object.entries(problems));
    this.meanwhile = new Map(Object.entries(now));
  }

  settle(name, theirs, takeTheirs) {
    this.meanwhile.delete(name);
    this.seen.set(name, theirs);
    this.setting(name).stored = theirs;
    if (takeTheirs) this.texts.delete(name);
  }

  changes() {
    return Object.fromEntries(this.texts);
  }

  // For comparing with what a preview was made of.
  key() {
    return JSON.stringify(this.changes());
  }

  // What the changed settings were when they were read.
  before() {
    return Object.fromEntries([...this.texts.keys()].map((name) => [name, this.seen.get(name) ?? null]));
  }

  // { title, what, from, to } of each changed setting, or of each changed part of it
  steps() {
    return [...this.texts].flatMap(([name, text]) => {
      const one = this.setting(name);
      return parts(one, this.base(one), text).map(([what, from, to]) => ({ title: label(name), what, from, to }));
    });
  }

  // Whether something was saved that no run has taken up yet.
  waits() {
    return this.page.settings.some((one) => one.stored != null && !same(one, one.stored, one.in_force));
  }
}

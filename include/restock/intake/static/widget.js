// "Notify me" for a sold-out product: <restock-notify product-id="…" key="rk_…">. All about it: docs/widget.md
(() => {
  "use strict";
  const NAMES = ["product-id", "store-id", "key", "locale", "product-name"];
  const WORDS = {
    en: {
      intro: "We will write to you once, as soon as {} is back.",
      it: "it",
      label: "E-mail address",
      ask: "Notify me",
      sending: "Sending…",
      accepted: "Thank you. We will write to you when it is back.",
      confirmation_needed: "One more step: please confirm in our message that it was you.",
      wrong: "Please check the address, such as name@example.com",
      many: "Too many requests. Please try again in a few minutes.",
      offline: "You are offline. We will try again as soon as you are back online.",
      failed: "That did not work. Please try again.",
      retry: "Try again",
      asked: "You asked on {}. We will write to you when it is back.",
      unconfirmed: "You asked on {}. Please confirm it in our message.",
      again: "Ask again or with another address",
    },
    de: {
      intro: "Wir schreiben Ihnen einmal, sobald {} wieder da ist.",
      it: "es",
      label: "E-Mail-Adresse",
      ask: "Benachrichtigen",
      sending: "Wird gesendet…",
      accepted: "Danke. Wir schreiben Ihnen, sobald es wieder da ist.",
      confirmation_needed: "Noch ein Schritt: Bitte bestätigen Sie in unserer Nachricht, dass Sie es waren.",
      wrong: "Bitte prüfen Sie die Adresse, etwa name@example.com",
      many: "Zu viele Anfragen. Bitte versuchen Sie es in einigen Minuten noch einmal.",
      offline: "Sie sind offline. Wir versuchen es noch einmal, sobald Sie wieder online sind.",
      failed: "Das hat nicht geklappt. Bitte versuchen Sie es noch einmal.",
      retry: "Noch einmal",
      asked: "Sie haben am {} angefragt. Wir schreiben Ihnen, sobald es wieder da ist.",
      unconfirmed: "Sie haben am {} angefragt. Bitte bestätigen Sie es in unserer Nachricht.",
      again: "Noch einmal oder mit anderer Adresse anfragen",
    },
    ko: {
      intro: "{} 상품이 다시 입고되면 한 번 알려 드립니다.",
      it: "이",
      label: "이메일 주소",
      ask: "재입고 알림 신청",
      sending: "보내는 중…",
      accepted: "신청되었습니다. 다시 입고되면 알려 드립니다.",
      confirmation_needed: "한 단계 남았습니다. 보내 드리는 메시지에서 신청을 확인해 주세요.",
      wrong: "주소를 확인해 주세요. 예: name@example.com",
      many: "요청이 너무 많습니다. 몇 분 뒤에 다시 시도해 주세요.",
      offline: "오프라인 상태입니다. 다시 연결되면 자동으로 보내 드립니다.",
      failed: "신청하지 못했습니다. 다시 시도해 주세요.",
      retry: "다시 시도",
      asked: "{}에 신청하셨습니다. 다시 입고되면 알려 드립니다.",
      unconfirmed: "{}에 신청하셨습니다. 보내 드린 메시지에서 신청을 확인해 주세요.",
      again: "다시 또는 다른 주소로 신청",
    },
  };
  // Colours that are not set follow the page: its text colour, and its colour scheme.
  const STYLE = `
:host { display: block; max-width: 30rem; color: inherit; font: inherit; line-height: 1.5;
  --_accent: var(--restock-accent, light-dark(#0b6b4f, #45c69a)); --_radius: var(--restock-radius, .5rem);
  --_error: var(--restock-error, light-dark(#b3261e, #ffb4ab)) }
* { box-sizing: border-box; font: inherit }
form { display: flex; flex-wrap: wrap; gap: .5rem }
p, label { flex: 1 0 100%; margin: 0; overflow-wrap: anywhere; outline: 0 }
label, bdi { font-weight: 600 }
input, button { min-height: 2.75rem; padding: .5rem .9rem; border: 1px solid transparent; border-radius: var(--_radius) }
input { flex: 99 1 13rem; min-width: 0; color: inherit; background: var(--restock-ground, transparent);
  font-size: max(16px, 1em); border-color: var(--restock-line, color-mix(in srgb, currentColor 55%, transparent)) }
input[aria-invalid] { border-color: var(--_error) }
button { flex: 1 0 auto; cursor: pointer; font-weight: 600; background: var(--_accent);
  color: var(--restock-on-accent, light-dark(#fff, #08261c)) }
button[aria-disabled] { cursor: progress; opacity: .65 }
.again { padding-inline: 0; text-align: start; color: inherit; background: none; font-weight: 400; text-decoration: underline }
form + p:not(:empty) { margin-top: .5rem }
.bad { color: var(--_error) }
:not(p):focus-visible { outline: 3px solid var(--_accent); outline-offset: 2px }`;
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLE);

  const script = document.currentScript;
  const endpoint = new URL("v1/requests", script.src);
  const fill = (sentence, text) => sentence.replace("{}", () => text);
  const canonical = (tag) => {
    try {
      return Intl.getCanonicalLocales(tag)[0];
    } catch {}
  };
  // crypto.randomUUID is missing on pages without https.
  const newKey = () => Array.from(crypto.getRandomValues(new Uint32Array(4)), (n) => n.toString(16)).join("-");
  // No innerHTML anywhere: what a page passes in stays text, and pages that demand Trusted Types work.
  const make = (name, attributes, ...content) => {
    const node = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    node.append(...content);
    return node;
  };

  // Requests that are remembered, without the address: [status, time in ms].
  const remember = (name, value) => {
    try {
      localStorage.setItem(name, JSON.stringify(value));
    } catch {}
  };
  const recall = (name, locale, words) => {
    try {
      const [status, at] = JSON.parse(localStorage.getItem(name));
      const day = new Intl.DateTimeFormat(locale, { dateStyle: "long" }).format(at);
      return fill(status === "accepted" ? words.asked : words.unconfirmed, day);
    } catch {}
  };

  const post = (key, idempotencyKey, body) =>
    fetch(endpoint, {
      method: "POST",
      signal: AbortSignal.timeout(15000),
      headers: {
        Authorization: `Bearer ${key}`, "Content-Type": "application/json", "Idempotency-Key": idempotencyKey,
      },
      body: JSON.stringify({
        ...body,
        channel: "email",
        surface: /Mobi/.test(navigator.userAgent) ? "mobile_web" : "web",
      }),
    });

  const draw = (words, locale, name) => {
    const input = make("input", {
      id: "address", part: "input", type: "email", name: "email", autocomplete: "email", maxlength: 254, required: "",
      "aria-describedby": "status",
    });
    const button = make("button", { part: "button" }, words.ask);
    const [before, after] = words.intro.split("{}");
    // A name may hold marks that reverse the text around it.
    const product = name ? make("bdi", {}, name) : words.it;
    const form = make("form", { part: "form", novalidate: "" },
      make("p", { part: "intro" }, before, product, after),
      make("label", { part: "label", for: "address" }, words.label), input, button);
    const status = make("p", { id: "status", part: "status", role: "status", tabindex: -1 });
    const again = make("button", { part: "again", class: "again", type: "button" }, words.again);
    const box = make("div", { role: "group", lang: locale, "aria-label": name || words.ask }, form, status);
    return { input, button, form, status, again, box };
  };

  const build = (host, product, store, key, wanted, name) => {
    const locale = canonical(wanted) || canonical(host.closest("[lang]")?.lang) || navigator.language;
    const language = locale.split("-")[0];
    const words = WORDS[language] || WORDS.en;
    const spoken = WORDS[language] ? locale : "en";
    const { input, button, form, status, again, box } = draw(words, spoken, name);
    const memory = `restock:${store}:${product}`;
    let extras = { locale, timezone: Intl.DateTimeFormat().resolvedOptions().timeZone };
    let busy, asked, idempotencyKey;

    const say = (text, bad) => {
      status.textContent = text;
      status.className = bad ? "bad" : "";
    };
    const retry = (text) => {
      say(text, true);
      button.textContent = words.retry;
    };
    const correct = () => {
      say(words.wrong, true);
      input.setAttribute("aria-invalid", true);
      input.focus();
    };
    const finish = (text) => {
      form.remove();
      box.append(again);
      say(text);
    };
    const ask = () =>
      post(key, idempotencyKey, { product_id: product, store_id: store || undefined, contact: asked, ...extras });
    const read = async (answer) => {
      const body = await answer.json().catch(() => ({}));
      if (answer.status === 202) {
        asked = "";
        remember(memory, [body.status, Date.now()]);
        finish(words[body.status]);
        status.focus();
      } else if (answer.status === 429) {
        retry(words.many);
      } else {
        const broken = (body.errors || []).map((error) => error.field);
        if (broken.includes("contact")) return correct();
        // A browser may know a time zone that the warehouse does not know yet: ask without.
        if (extras && broken.some((field) => field in extras)) {
          extras = null;
          return read(await ask());
        }
        if (answer.status < 500) console.error(`restock-notify was refused: ${body.detail || answer.status}`);
        retry(words.failed);
      }
    };
    const send = async (event) => {
      event.preventDefault();
      if (busy) return;
      removeEventListener("online", send);
      input.removeAttribute("aria-invalid");
      const contact = input.value.trim();
      if (!/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(contact)) return correct();
      // However often it is sent, one address asks once.
      if (contact !== asked) idempotencyKey = newKey();
      asked = contact;
      busy = true;
      button.setAttribute("aria-disabled", true);
      say(words.sending);
      try {
        await read(await ask());
      } catch {
        retry(navigator.onLine ? words.failed : words.offline);
        if (!navigator.onLine) addEventListener("online", send);
      }
      busy = false;
      button.removeAttribute("aria-disabled");
    };
    form.addEventListener("submit", send);
    again.addEventListener("click", () => {
      again.remove();
      status.before(form);
      input.value = "";
      button.textContent = words.ask;
      say("");
      input.focus();
    });
    const known = recall(memory, spoken, words);
    if (known) finish(known);
    return box;
  };

  class RestockNotify extends HTMLElement {
    static observedAttributes = NAMES;
    #root = this.attachShadow({ mode: "open" });
    #shown;
    connectedCallback() {
      this.#change();
    }
    attributeChangedCallback() {
      this.#change();
    }
    // Attributes come one by one; they count once all of them are there.
    #change() {
      queueMicrotask(() => {
        const values = NAMES.map((name) => this.getAttribute(name) || "");
        if (!this.isConnected || this.#shown === values.join("\n")) return;
        this.#shown = values.join("\n");
        this.#root.adoptedStyleSheets = [sheet];
        const missing = ["product-id", "key"].filter((name) => !this.getAttribute(name));
        if (missing.length) console.error(`restock-notify shows nothing: set its ${missing.join(" and ")}.`);
        this.#root.replaceChildren(...(missing.length ? [] : [build(this, ...values)]));
      });
    }
  }

  if (!customElements.get("restock-notify")) customElements.define("restock-notify", RestockNotify);
  // A script tag with these as data-… stands for the element itself.
  const given = NAMES.map((name) => [name, script.getAttribute(`data-${name}`)]).filter(([, value]) => value);
  if (given.length) script.after(make("restock-notify", Object.fromEntries(given)));
})();

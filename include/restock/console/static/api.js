// Calls to the console's own endpoints, with Airflow's login.

export class ApiError extends Error {
  // detail: what the endpoint said, where it said more than a sentence
  constructor(message, status, detail) {
    super(message);
    this.status = status;
    this.detail = detail;
  }
}

function sentence(detail, status) {
  if (typeof detail === "string" && status === 401) return "You are no longer logged in: reload Airflow and log in.";
  if (typeof detail === "string" && status === 403 && detail === "Forbidden") {
    return "Your role in Airflow does not allow this.";
  }
  if (typeof detail === "string") return detail;
  if (Array.isArray(detail)) return detail.map((fault) => `${fault.loc?.at(-1)}: ${fault.msg}`).join("; ");
  if (detail?.message) return detail.message;
  return `Airflow answered with the status ${status}.`;
}

async function call(path, options) {
  let response;
  try {
    response = await fetch(`api/${path}`, { credentials: "same-origin", ...options });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new ApiError("Airflow's API server does not answer. Is it running?", 0);
  }
  const body = await response.json().catch(() => ({}));
  if (!response.ok) throw new ApiError(sentence(body.detail, response.status), response.status, body.detail);
  return body;
}

let me = null;

export const api = {
  // get("now/funnel", { days: 30 }): empty values are left out.
  get(path, values = {}, signal) {
    const given = Object.entries(values).filter(([, value]) => value !== "" && value != null);
    const query = new URLSearchParams(given).toString();
    return call(query ? `${path}?${query}` : path, { signal });
  },
  post(path, body = {}) {
    const headers = { "Content-Type": "application/json" };
    return call(path, { method: "POST", headers, body: JSON.stringify(body) });
  },
  // { user, may: { notify, ingest, tune } }
  me() {
    me ??= call("me").catch((error) => {
      me = null;
      throw error;
    });
    return me;
  },
};

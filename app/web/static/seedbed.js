// The JavaScript client of Seedbed's API: an ES module without dependencies, for browsers and for Node 20 and newer.
//
//   const seedbed = createClient({ url: "https://seedbed.example.com", supabase });
//   const { data, error } = await seedbed.createExport({ schema: { ddl }, config: { format: "csv", rows: 1000 }, seed: 7 });
//   for await (const event of seedbed.watch(data.jobId)) console.log(event.progressPercent);
//
// Methods answer `{ data, error }` as supabase-js does, and throw nothing; `watch` is an async iterator and does throw.
// Types stand in seedbed.d.ts.

const BASE = "/api/data-generator";
const RETRIES = 3;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15_000;
// Nobody is asked earlier than they said; for what takes longer it is the caller who waits, with `error.retryAfter`.
const LONGEST_ASKED_S = 30;
// The service sends a comment every 15 seconds; a stream that is silent for longer is dead.
const SILENT_MS = 45_000;
const TERMINAL = new Set(["completed", "failed", "cancelled", "expired"]);
// Answers that may well be others a moment later. Whatever else went wrong, asking again would only repeat it.
const PASSING = new Set([408, 425, 429, 502, 503, 504]);

/** What went wrong: the service's problem (RFC 9457), or a network that gave no answer. */
export class SeedbedError extends Error {
  /**
   * @param {import("./seedbed.d.ts").Problem} problem
   * @param {ErrorOptions & { retryAfter?: number }} [options]
   */
  constructor(problem, { retryAfter, ...options } = {}) {
    super(problem.detail || problem.title || "the request failed", options);
    this.retryAfter = retryAfter;
    this.name = "SeedbedError";
    this.problem = problem;
    this.code = problem.code;
    this.status = problem.status;
    this.errors = problem.errors || [];
  }
}

/**
 * A client. `url` is where the service is; on its own pages it can be left out. Give `supabase` (a supabase-js client), or
 * `token` (a string, or a function that returns one, called before each request), or neither where a cookie does it.
 * @param {import("./seedbed.d.ts").ClientOptions} options
 * @returns {import("./seedbed.d.ts").SeedbedClient}
 */
export function createClient({ url = "", supabase, token, fetch: given, retries = RETRIES } = {}) {
  const root = url.replace(/\/+$/, "");
  const send = given || globalThis.fetch.bind(globalThis);
  const tokenOf = tokens(supabase, token);

  /**
   * @param {string} method
   * @param {string} path
   * @param {{ body?: unknown, headers?: Record<string, string>, signal?: AbortSignal, fresh?: boolean, patience?: number }} [options]
   * @returns {Promise<Response>}
   */
  async function request(method, path, { body, headers = {}, signal, fresh = false, patience = retries } = {}) {
    // A POST is repeated under one key, so that it is not done twice.
    const repeatable = method !== "POST" || "idempotency-key" in headers;
    for (let tried = 0; ; tried += 1) {
      let response;
      try {
        response = await send(root + path, {
          method,
          signal,
          redirect: "follow",
          headers: {
            accept: "application/json",
            ...(body === undefined ? {} : { "content-type": "application/json" }),
            ...(await authorization(tokenOf, fresh)),
            ...headers,
          },
          body: body === undefined ? undefined : JSON.stringify(body),
        });
      } catch (cause) {
        if (signal?.aborted) throw signal.reason;
        if (!repeatable || tried >= patience) throw unreachable(cause);
        await pause(waitFor(tried), signal);
        continue;
      }
      if (response.ok) return response;
      if (response.status === 401 && !fresh && supabase) {
        // The session may have been refreshed in another tab a moment ago.
        fresh = true;
        await response.body?.cancel();
        continue;
      }
      // 409 in flight: the first try of this very request is still being answered.
      const problem = await problemOf(response);
      const again = PASSING.has(response.status) || problem.code === "idempotency_in_flight";
      // A quota is not lifted by asking once more.
      const asked = secondsOf(response.headers.get("retry-after"));
      const hopeless = problem.code === "quota_exceeded" || asked > LONGEST_ASKED_S;
      if (!again || hopeless || !(repeatable || response.status === 429) || tried >= patience) {
        throw new SeedbedError(problem, { retryAfter: asked });
      }
      await pause(asked === undefined ? waitFor(tried) : asked * 1000, signal);
    }
  }

  async function answered(work) {
    try {
      return { data: await work(), error: null };
    } catch (error) {
      return { data: null, error: error instanceof SeedbedError ? error : unreachable(error) };
    }
  }

  const json = (method, path, options) =>
    answered(async () => {
      const response = await request(method, path, options);
      const text = await response.text();
      return text ? JSON.parse(text) : null;
    });

  async function signed(id, options) {
    const found = await (await request("GET", here(id), options)).json();
    if (!found.downloadUrl) {
      const detail = found.status === "completed" ? "it is not yours to download" : `the export is ${found.status}`;
      throw new SeedbedError({ code: "export_not_ready", status: 409, title: "There is no file to download", detail });
    }
    const { href } = new URL(found.downloadUrl, root || globalThis.location?.href);
    return { url: href, fileName: found.fileName, expiresAt: found.downloadExpiresAt };
  }

  const here = (id) => `${BASE}/export/${encodeURIComponent(id)}`;

  return {
    createExport: (wanted, { idempotencyKey = crypto.randomUUID(), signal } = {}) =>
      json("POST", `${BASE}/export`, { body: wanted, headers: { "idempotency-key": idempotencyKey }, signal }),
    getExport: (id, options) => json("GET", here(id), options),
    getStatus: (id, options) => json("GET", `${here(id)}/status`, options),
    listExports: ({ status, cursor, limit, signal } = {}) =>
      json("GET", `${BASE}/export${query({ status, cursor, limit })}`, { signal }),
    cancel: (id, options) => json("POST", `${here(id)}/cancel`, options),
    retry: (id, options) => json("POST", `${here(id)}/retry`, options),
    remove: (id, options) => json("DELETE", here(id), options),
    listShares: (id, options) => json("GET", `${here(id)}/shares`, options),
    share: (id, who, role = "viewer", options = {}) =>
      who.includes("@")
        ? json("POST", `${here(id)}/shares`, { ...options, body: { email: who, role } })
        : json("PUT", `${here(id)}/shares/${encodeURIComponent(who)}`, { ...options, body: { role } }),
    unshare: (id, shareId, options) => json("DELETE", `${here(id)}/shares/${encodeURIComponent(shareId)}`, options),
    listDeliveries: (id, options) => json("GET", `${here(id)}/deliveries`, options),
    redeliver: (id, deliveryId, options) =>
      json("POST", `${here(id)}/deliveries/${encodeURIComponent(deliveryId)}/redeliver`, options),
    plan: (wanted, options = {}) => json("POST", `${BASE}/plan`, { ...options, body: wanted }),
    preview: (wanted, { rows, ...options } = {}) =>
      json("POST", `${BASE}/preview${query({ rows })}`, { ...options, body: wanted }),
    /** A URL for the file, made for this caller now. */
    downloadUrl: (id, options) => answered(() => signed(id, options)),
    /** The file itself, as a Response whose body can be streamed. */
    download: (id, options = {}) =>
      answered(async () => {
        const { url: link } = await signed(id, options);
        // A signed URL carries its own right: the token is for the service alone, not for the object store.
        const response = await send(link, { signal: options.signal });
        if (!response.ok) throw new SeedbedError(await problemOf(response));
        return response;
      }),
    watch: (id, options = {}) => follow(request, `${here(id)}/events`, options, true),
    watchAll: (options = {}) => follow(request, `${BASE}/events`, options, false),
  };
}

/**
 * Events of a stream, over as many connections as it takes; each one once and in order.
 * @param {Function} request
 * @param {string} path
 * @param {import("./seedbed.d.ts").WatchOptions} options
 * @param {boolean} ends
 * @returns {AsyncGenerator<import("./seedbed.d.ts").ExportEvent, void, void>}
 */
async function* follow(request, path, { lastEventId, signal, retryMs = 1000, onConnection = () => {} }, ends) {
  let last = lastEventId === undefined ? undefined : String(lastEventId);
  let wait = retryMs;
  let failures = 0;
  // The stream of all exports may repeat what it told before a connection was lost.
  const seen = new Map();
  while (!signal?.aborted) {
    let over = false;
    const silence = new AbortController();
    const stop = () => silence.abort(signal.reason);
    signal?.addEventListener("abort", stop, { once: true });
    try {
      const headers = { accept: "text/event-stream", ...(last === undefined ? {} : { "last-event-id": last }) };
      const response = await request("GET", path, { headers, signal: silence.signal, patience: 0 });
      if (response.status === 204) return; // finished, and everything was told
      onConnection("open");
      for await (const block of blocks(response.body, () => silence.abort(new Error("the stream fell silent")))) {
        if (block.retry !== undefined) wait = block.retry;
        if (block.id !== undefined) last = block.id;
        if (block.data === undefined) continue;
        failures = 0;
        const event = { ...JSON.parse(block.data), type: block.event, id: last };
        if (event.seq <= (seen.get(event.jobId) ?? 0)) continue;
        seen.set(event.jobId, event.seq);
        // One that was run again has ended before: the service ends the stream behind the last end.
        over = ends && TERMINAL.has(event.status);
        yield event;
      }
      if (over) return;
    } catch (error) {
      if (signal?.aborted) break;
      const passing = !(error instanceof SeedbedError) || error.status === undefined || PASSING.has(error.status);
      failures += 1;
      if (!passing || failures > 20) throw error;
    } finally {
      signal?.removeEventListener("abort", stop);
      silence.abort();
    }
    if (!signal?.aborted) onConnection("lost");
    await pause(Math.min(wait * 2 ** Math.min(failures, 4), LONGEST_WAIT_MS) * (0.75 + Math.random() / 2), signal).catch(() => {});
  }
  if (signal?.aborted && signal.reason?.name !== "AbortError") throw signal.reason;
}

/** Blocks of a text/event-stream, by the rules of the HTML standard. */
async function* blocks(body, onSilence) {
  const decoder = new TextDecoder();
  const reader = body.getReader();
  let text = "";
  /** @type {any} a number in browsers, an object in Node */
  let timer;
  try {
    for (;;) {
      clearTimeout(timer);
      timer = setTimeout(onSilence, SILENT_MS);
      timer.unref?.();
      const { value, done } = await reader.read();
      if (done) return;
      text += decoder.decode(value, { stream: true });
      // A lone CR at the end may be half of a CRLF.
      const pieces = text.split(/\r\n\r\n|\n\n|\r\r(?!\n)/);
      text = pieces.pop();
      for (const piece of pieces) yield parse(piece);
    }
  } finally {
    clearTimeout(timer);
    reader.cancel().catch(() => {});
  }
}

function parse(block) {
  const found = { event: "message" };
  const data = [];
  for (const line of block.split(/\r\n|\n|\r/)) {
    const at = line.indexOf(":");
    if (at === 0) continue;
    const name = at < 0 ? line : line.slice(0, at);
    const value = at < 0 ? "" : line.slice(at + 1).replace(/^ /, "");
    if (name === "data") data.push(value);
    else if (name === "event") found.event = value;
    else if (name === "id" && !value.includes("\0")) found.id = value;
    else if (name === "retry" && /^\d+$/.test(value)) found.retry = Number(value);
  }
  if (data.length) found.data = data.join("\n");
  return found;
}

function tokens(supabase, token) {
  if (supabase) {
    return async (fresh) => {
      const { data } = await (fresh ? supabase.auth.refreshSession() : supabase.auth.getSession());
      return data.session?.access_token;
    };
  }
  return async () => (typeof token === "function" ? await token() : token);
}

async function authorization(tokenOf, fresh) {
  const token = await tokenOf(fresh);
  return token ? { authorization: `Bearer ${token}` } : {};
}

async function problemOf(response) {
  const said = await response.json().catch(() => ({}));
  return { title: response.statusText, ...said, status: response.status };
}

function unreachable(cause) {
  const problem = { code: "unreachable", title: "The service cannot be reached", detail: cause?.message || "the service gave no answer" };
  return new SeedbedError(problem, { cause });
}

// Retry-After: seconds, or a date.
function secondsOf(text) {
  if (text === null || text.trim() === "") return undefined;
  const seconds = /^\s*\d+\s*$/.test(text) ? Number(text) : (Date.parse(text) - Date.now()) / 1000;
  return Number.isFinite(seconds) ? Math.max(0, seconds) : undefined;
}

function waitFor(tried) {
  return Math.min(FIRST_WAIT_MS * 2 ** tried, LONGEST_WAIT_MS) * (0.75 + Math.random() / 2);
}

function pause(ms, signal) {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, ms);
    signal?.addEventListener("abort", stop, { once: true });
  });
}

function query(parameters) {
  const given = Object.entries(parameters).filter(([, value]) => value !== undefined && value !== null);
  return given.length ? `?${new URLSearchParams(given.map(([name, value]) => [name, String(value)]))}` : "";
}

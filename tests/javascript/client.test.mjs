// The client against a running service: node --test, with SEEDBED_URL, TOKEN, OTHER_USER and CLIENT in the environment.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { createServer } from "node:http";
import { after, before, describe, it } from "node:test";

import { createClient as createSupabase } from "@supabase/supabase-js";

const { createClient, SeedbedError } = await import(process.env.CLIENT);
const { SEEDBED_URL: url, TOKEN: token, OTHER_USER: other } = process.env;
const DDL = "create table customers (id int primary key, name text not null, email text unique)";
const wanted = (rows = 50, more = {}) => ({ schema: { ddl: DDL }, config: { format: "csv", rows, ...more }, seed: 7 });
const client = createClient({ url, token });

async function ended(seedbed, id, options) {
  const events = [];
  for await (const event of seedbed.watch(id, options)) events.push(event);
  return events;
}

function gapless(events, first = 1) {
  assert.deepEqual(events.map((event) => event.seq), events.map((_, index) => index + first));
}

describe("an export from the request to the file", () => {
  it("is planned, previewed, made, watched, downloaded and removed", async () => {
    const plan = await client.plan(wanted());
    assert.equal(plan.error, null);
    assert.equal(plan.data.rowsTotal, 50);
    const preview = await client.preview(wanted(), { rows: 3 });
    assert.equal(preview.data.tables[0].rows.length, 3);

    const { data, error } = await client.createExport(wanted());
    assert.equal(error, null);
    const events = await ended(client, data.jobId);
    gapless(events);
    assert.equal(events.at(-1).status, "completed");
    assert.equal(events.at(-1).type, "status");

    const found = await client.getExport(data.jobId);
    const file = await client.download(data.jobId);
    const bytes = Buffer.from(await file.data.arrayBuffer());
    assert.equal(createHash("sha256").update(bytes).digest("hex"), found.data.sha256);
    assert.equal((await client.getStatus(data.jobId)).data.progressPercent, 100);
    assert.ok((await client.listExports({ status: "completed" })).data.items.some((one) => one.jobId === data.jobId));

    // The first row of the preview is the first row of the file.
    assert.ok(bytes.toString().split("\n")[1].startsWith(String(preview.data.tables[0].rows[0][0])));

    // Finished and all told: nothing more to watch.
    assert.deepEqual(await ended(client, data.jobId, { lastEventId: events.at(-1).seq }), []);
    assert.equal((await client.remove(data.jobId)).error, null);
    assert.equal((await client.getExport(data.jobId)).error.code, "export_not_found");
  });

  it("is shared, and taken back", async () => {
    const { data } = await client.createExport(wanted());
    assert.equal((await client.share(data.jobId, other, "viewer")).data.role, "viewer");
    assert.deepEqual((await client.listShares(data.jobId)).data.items.map((share) => share.userId), [other]);
    assert.equal((await client.unshare(data.jobId, other)).error, null);
    assert.deepEqual((await client.listShares(data.jobId)).data.items, []);
  });

  it("is shared with a mail address, and taken back", async () => {
    const { data } = await client.createExport(wanted());
    const { data: share } = await client.share(data.jobId, "Ben@example.com", "editor");
    assert.deepEqual([share.email, share.userId, share.role], ["ben@example.com", null, "editor"]);
    assert.deepEqual((await client.listShares(data.jobId)).data.items, [share]);
    assert.equal((await client.share(data.jobId, "@", "viewer")).error.errors[0].pointer, "/email");
    assert.equal((await client.unshare(data.jobId, share.id)).error, null);
    assert.deepEqual((await client.listShares(data.jobId)).data.items, []);
  });

  it("tells of its deliveries, and sends one again", async () => {
    const calls = [];
    let heard;
    const receiver = createServer((request, response) => {
      calls.push(request.headers["webhook-id"]);
      response.end();
      heard?.();
    });
    await new Promise((resolve) => receiver.listen(0, "127.0.0.1", resolve));
    const target = `http://127.0.0.1:${receiver.address().port}/hook`;
    const until = async (count) => {
      while (calls.length < count) await new Promise((resolve) => (heard = resolve));
    };
    try {
      const { data, error } = await client.createExport({ ...wanted(), notify: { webhook: target } });
      assert.equal(error, null);
      await until(1);
      const { data: found } = await client.listDeliveries(data.jobId);
      assert.deepEqual(found.items.map((one) => [one.channel, one.target]), [["webhook", target]]);
      let again;
      // While it is being sent it cannot be asked for.
      do again = await client.redeliver(data.jobId, found.items[0].id);
      while (again.error?.code === "state_conflict");
      assert.equal(again.error, null);
      await until(2);
      assert.equal(new Set(calls).size, 1);
      assert.equal((await client.redeliver(data.jobId, crypto.randomUUID())).error.code, "delivery_not_found");
    } finally {
      receiver.closeAllConnections();
      receiver.close();
    }
  });

  it("is cancelled, and run again", async () => {
    const { data } = await client.createExport(wanted(400_000));
    const cancelled = await client.cancel(data.jobId);
    assert.ok(["cancelling", "cancelled"].includes(cancelled.data.status));
    const events = await ended(client, data.jobId);
    assert.equal(events.at(-1).status, "cancelled");
    const again = await client.retry(data.jobId);
    assert.equal(again.data.status, "queued");
    const more = await ended(client, data.jobId, { lastEventId: events.at(-1).seq });
    gapless(more, events.at(-1).seq + 1);
    assert.equal(more.at(-1).status, "completed");
    // From the beginning, the earlier end is told and passed by.
    const all = await ended(client, data.jobId);
    gapless(all);
    assert.deepEqual(all.map((event) => event.id), all.map((event) => String(event.seq)));
    assert.equal(all.at(-1).status, "completed");
  });

  it("is heard of in the stream of all exports", async () => {
    const stop = new AbortController();
    const heard = [];
    const listening = (async () => {
      for await (const event of client.watchAll({ signal: stop.signal })) {
        heard.push(event);
        if (event.jobId === (await asked).data.jobId && event.status === "completed") stop.abort();
      }
    })();
    const asked = client.createExport(wanted(20));
    const { jobId } = (await asked).data;
    await listening;
    const ours = heard.filter((event) => event.jobId === jobId);
    assert.equal(new Set(ours.map((event) => event.seq)).size, ours.length);
    assert.match(ours.at(-1).text, /ready|complete|finished/i);
  });
});

describe("what goes wrong is answered, not thrown", () => {
  it("with every fault of a request, each where it stands", async () => {
    const { data, error } = await client.createExport({ schema: {}, config: { format: "cvs", rows: -1 }, seed: 7 });
    assert.equal(data, null);
    assert.ok(error instanceof SeedbedError);
    assert.equal(error.status, 422);
    const pointers = error.errors.map((fault) => fault.pointer);
    assert.ok(pointers.includes("/config/format") && pointers.includes("/config/rows"), pointers.join());
  });

  it("when nobody is signed in", async () => {
    const { error } = await createClient({ url }).listExports();
    assert.equal(error.status, 401);
  });

  it("when nobody answers", async () => {
    const { error } = await createClient({ url: "http://127.0.0.1:9", token, retries: 0 }).listExports();
    assert.equal(error.code, "unreachable");
  });

  it("but a stream that may not be watched throws", async () => {
    await assert.rejects(ended(client, crypto.randomUUID()), { code: "export_not_found" });
  });
});

describe("a service that is busy is asked again", () => {
  it("after as long as it says, and a request is not done twice", async () => {
    const keys = [];
    let refused = 0;
    const flaky = async (target, options) => {
      if (options.method === "POST") keys.push(options.headers["idempotency-key"]);
      if (options.method === "POST" && refused < 2) {
        refused += 1;
        // The first time the service has done it and only the answer is lost.
        if (refused === 1) await (await fetch(target, options)).text();
        return new Response("{}", { status: 503, headers: { "retry-after": "0" } });
      }
      return fetch(target, options);
    };
    const patient = createClient({ url, token, fetch: flaky });
    const before = (await client.listExports({ limit: 100 })).data.items.length;
    const { data, error } = await patient.createExport(wanted(10));
    assert.equal(error, null);
    assert.equal(new Set(keys).size, 1);
    assert.equal(keys.length, 3);
    assert.equal((await client.listExports({ limit: 100 })).data.items.length, before + 1);
    await ended(client, data.jobId);
  });

  it("gives up in the end, with the service's own words", async () => {
    let asked = 0;
    const down = async () => {
      asked += 1;
      return Response.json({ code: "database_unavailable", detail: "later" }, { status: 503, headers: { "retry-after": "0" } });
    };
    const { error } = await createClient({ url, token, fetch: down, retries: 2 }).listExports();
    assert.deepEqual([error.code, error.status, error.message, asked], ["database_unavailable", 503, "later", 3]);
  });
});

describe("how long to wait is the service's word", () => {
  const busy = (after, answers) => async (target, options) =>
    answers.push(performance.now()) === 1 ? new Response("{}", { status: 503, headers: { "retry-after": after } }) : fetch(target, options);

  for (const [form, after] of [["in seconds", () => "1"], ["as a date", () => new Date(Math.ceil(Date.now() / 1000) * 1000 + 1000).toUTCString()]]) {
    it(form, async () => {
      const answers = [];
      const { error } = await createClient({ url, token, fetch: busy(after(), answers) }).listExports();
      assert.equal(error, null);
      assert.ok(answers[1] - answers[0] >= 950, String(answers));
    });
  }

  it("and an hour is the caller's to wait", async () => {
    const answers = [];
    const { error } = await createClient({ url, token, fetch: busy("3600", answers) }).listExports();
    assert.deepEqual([error.status, error.retryAfter, answers.length], [503, 3600, 1]);
  });
});

describe("a stream that is cut goes on where it was", () => {
  it("with each event once and in order", async () => {
    let connections = 0;
    const cutting = async (target, options) => {
      const response = await fetch(target, options);
      if (!String(target).endsWith("/events") || ++connections > 3) return response;
      // Ends in the middle of a block, a few hundred bytes in.
      let left = 150 + 211 * connections;
      const cut = new TransformStream({
        transform(chunk, controller) {
          controller.enqueue(chunk.subarray(0, left));
          left -= chunk.length;
          if (left <= 0) controller.terminate();
        },
      });
      return new Response(response.body.pipeThrough(cut), { status: response.status, headers: response.headers });
    };
    const { data } = await client.createExport(wanted(2_000, { chunkRows: 100 }));
    const states = [];
    const onConnection = (state) => states.push(state);
    const events = await ended(createClient({ url, token, fetch: cutting }), data.jobId, { retryMs: 10, onConnection });
    gapless(events);
    assert.equal(events.at(-1).status, "completed");
    assert.ok(connections > 1);
    assert.deepEqual(states.slice(0, 3), ["open", "lost", "open"]);
  });
});

describe("supabase-js gives the token", () => {
  let auth;
  let address;
  let refreshes = 0;
  // What Supabase's auth server answers to a sign-in and to a refresh; the first token is not good (any more).
  before(async () => {
    auth = createServer(async (request, response) => {
      const fresh = request.url.includes("refresh_token");
      refreshes += fresh ? 1 : 0;
      const session = {
        access_token: fresh ? token : `${token.slice(0, -8)}AAAAAAAA`,
        token_type: "bearer",
        expires_in: 3600,
        expires_at: Math.floor(Date.now() / 1000) + 3600,
        refresh_token: "refresh",
        user: { id: crypto.randomUUID(), aud: "authenticated", role: "authenticated", email: "ann@example.com" },
      };
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify(session));
    });
    await new Promise((resolve) => auth.listen(0, "127.0.0.1", resolve));
    address = `http://127.0.0.1:${auth.address().port}`;
  });
  after(() => auth.close());

  it("and a fresh one when the service refuses it", async () => {
    const supabase = createSupabase(address, "anon-key", {
      auth: { persistSession: false, autoRefreshToken: false },
      // Older versions of Node have no WebSocket, and nothing here wants one.
      realtime: { transport: class {} },
    });
    const signed = await supabase.auth.signInWithPassword({ email: "ann@example.com", password: "x" });
    assert.equal(signed.error, null);
    const { data, error } = await createClient({ url, supabase }).listExports();
    assert.equal(error, null);
    assert.ok(Array.isArray(data.items));
    assert.equal(refreshes, 1);
  });
});

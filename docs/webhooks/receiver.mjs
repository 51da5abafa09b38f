// A receiver of Seedbed's webhooks that trusts none it cannot verify. Node.js 18 or newer, nothing to install:
//
//     WEBHOOK_SECRET=whsec_… node receiver.mjs [PORT]
//
// The npm package `standardwebhooks` does what verify() does here.
import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";

const MOST_BYTES = 1_000_000;
const TOLERANCE_S = 5 * 60;
const key = Buffer.from(process.env.WEBHOOK_SECRET.replace(/^whsec_/, ""), "base64");
const seen = new Set(); // a real receiver keeps these where they survive a restart

function verify(headers, body) {
  const id = headers["webhook-id"];
  const timestamp = headers["webhook-timestamp"];
  if (!id || !/^\d+$/.test(timestamp || "")) return false;
  if (Math.abs(Date.now() / 1000 - Number(timestamp)) > TOLERANCE_S) return false;
  const expected = createHmac("sha256", key).update(`${id}.${timestamp}.`).update(body).digest();
  // While a secret is being changed there are two signatures, and either will do.
  return (headers["webhook-signature"] || "").split(" ").some((part) => {
    const [version, signature] = part.split(",");
    const given = Buffer.from(signature || "", "base64");
    return version === "v1" && given.length === expected.length && timingSafeEqual(given, expected);
  });
}

const server = createServer((request, response) => {
  const chunks = [];
  let size = 0;
  const answer = (status) => response.writeHead(status).end();
  request.on("data", (chunk) => {
    size += chunk.length;
    if (size <= MOST_BYTES) chunks.push(chunk);
  });
  request.on("end", () => {
    if (request.method !== "POST") return answer(405);
    if (size > MOST_BYTES) return answer(413);
    // The bytes themselves: parsing and writing them again breaks the signature.
    const body = Buffer.concat(chunks);
    if (!verify(request.headers, body)) return answer(401);
    const id = request.headers["webhook-id"];
    // The same message may come twice, as when our answer was lost: its id says so.
    if (!seen.has(id)) {
      seen.add(id);
      const message = JSON.parse(body);
      console.log(message.type, message.data.fileName, message.data.status);
    }
    answer(204);
  });
});

server.listen(Number(process.argv[2] || 8080), "127.0.0.1", () => {
  console.log(`listening on ${server.address().port}`);
});

// Types of seedbed.js. What the service sends is described in full by its OpenAPI document, at /schema.

export type Status = "queued" | "running" | "cancelling" | "completed" | "failed" | "cancelled" | "expired";
export type Format = "csv" | "tsv" | "ndjson" | "json" | "sql" | "copy" | "parquet" | "xlsx";

export type SchemaSource =
  | { id: string }
  | { snapshot: object }
  | { ddl: string }
  | { database: { schemas?: string[]; tables?: string[] } };

export type Rows = number | Record<string, number | { perParent: Record<string, unknown> }>;

export interface ExportRequest {
  schema: SchemaSource;
  config: {
    format: Format;
    rows: Rows;
    compression?: "gzip" | "zstd";
    tables?: string[];
    overrides?: Record<string, unknown>;
    locale?: string;
    chunkRows?: number;
    fileName?: string;
    [more: string]: unknown;
  };
  seed: string | number;
  promptContext?: string;
  /** A plan as `plan()` answered it, edited or not. */
  plan?: object;
  /** How long the file is kept once it is there. */
  retentionSeconds?: number;
  notify?: { webhook?: string; email?: string };
}

export interface Accepted {
  jobId: string;
  status: Status;
  links: Record<string, string>;
}

export interface Export {
  jobId: string;
  status: Status;
  access: "owner" | "editor" | "viewer" | null;
  ownerId: string;
  format: Format;
  compression: string | null;
  fileName: string;
  seed: string;
  rowsTotal: number;
  rowsGenerated: number;
  progressPercent: number;
  bytes: number | null;
  bytesGenerated: number;
  sha256: string | null;
  /** Eight hex digits. */
  crc32: string | null;
  errorDetails: { code: string; message: string; [more: string]: unknown } | null;
  requestedAt: string;
  finishedAt: string | null;
  expiresAt: string | null;
  downloadUrl?: string | null;
  downloadExpiresAt?: string | null;
  [more: string]: unknown;
}

export interface ExportStatus {
  jobId: string;
  status: Status;
  progressPercent: number;
  rowsGenerated: number;
  rowsTotal: number;
  bytesGenerated: number;
  etaSeconds: number | null;
}

/** `type` is the event's name: "progress", "status" or "delivery"; `id` is what `lastEventId` goes on after. */
export interface ExportEvent {
  type: string;
  id: string;
  jobId: string;
  seq: number;
  kind: string;
  status: Status;
  progressPercent: number;
  rowsGenerated: number;
  /** Of progress. */
  bytesGenerated?: number;
  etaSeconds?: number | null;
  fileName: string | null;
  text?: string;
  details: Record<string, unknown>;
  createdAt: string;
}

export interface Share {
  /** What it is taken back by. */
  id: string;
  /** Null while nobody has come by with the address that it was given to. */
  userId: string | null;
  email: string | null;
  role: "editor" | "viewer";
  createdAt: string;
  createdBy: string | null;
}

export interface Delivery {
  id: string;
  channel: "webhook" | "email";
  target: string;
  event: "completed" | "failed";
  state: "pending" | "delivering" | "delivered" | "failed";
  attempts: number;
  lastStatus: number | null;
  lastResponse: string | null;
  lastError: string | null;
  nextAttemptAt: string | null;
  createdAt: string;
  deliveredAt: string | null;
}

export interface Plan {
  planSha256: string;
  engineVersion: number;
  seed: string;
  rowsTotal: number;
  tables: { name: string; rows: number; columns: unknown[]; [more: string]: unknown }[];
  warnings: unknown[];
  [more: string]: unknown;
}

export interface Preview {
  tables: { name: string; columns: string[]; rows: unknown[][] }[];
}

/** RFC 9457. `code` is stable; `errors` has every fault of a request, each with a JSON pointer. */
export interface Problem {
  code?: string;
  status?: number;
  title?: string;
  detail?: string;
  requestId?: string;
  errors?: { pointer: string; code: string; message: string }[];
  [more: string]: unknown;
}

export class SeedbedError extends Error {
  constructor(problem: Problem, options?: ErrorOptions & { retryAfter?: number });
  /** In how many seconds the service asks to be asked again, where it said so. */
  retryAfter: number | undefined;
  problem: Problem;
  code: string | undefined;
  status: number | undefined;
  errors: NonNullable<Problem["errors"]>;
}

export type Answer<T> = Promise<{ data: T; error: null } | { data: null; error: SeedbedError }>;

export interface CallOptions {
  signal?: AbortSignal;
}

export interface WatchOptions extends CallOptions {
  /** Goes on after this event; the iterator resumes by itself when a connection is lost. */
  lastEventId?: string | number;
  /** How long to wait before connecting again, in milliseconds, until the service says otherwise. */
  retryMs?: number;
  /** Told when a connection is there, and when one is lost; the iterator sees to the next one. */
  onConnection?: (state: "open" | "lost") => void;
}

/** The part of a supabase-js client that is used. */
export interface SupabaseAuth {
  auth: {
    getSession(): Promise<{ data: { session: { access_token: string } | null } }>;
    refreshSession(): Promise<{ data: { session: { access_token: string } | null } }>;
  };
}

export interface ClientOptions {
  url?: string;
  supabase?: SupabaseAuth;
  token?: string | (() => string | undefined | Promise<string | undefined>);
  fetch?: typeof fetch;
  /** How often a request is repeated that found the service busy or unreachable. */
  retries?: number;
}

export interface SeedbedClient {
  createExport(request: ExportRequest, options?: CallOptions & { idempotencyKey?: string }): Answer<Accepted>;
  getExport(id: string, options?: CallOptions): Answer<Export>;
  getStatus(id: string, options?: CallOptions): Answer<ExportStatus>;
  listExports(
    options?: CallOptions & { status?: Status; cursor?: string; limit?: number },
  ): Answer<{ items: Export[]; nextCursor: string | null }>;
  cancel(id: string, options?: CallOptions): Answer<Accepted>;
  retry(id: string, options?: CallOptions): Answer<Accepted>;
  remove(id: string, options?: CallOptions): Answer<null>;
  listShares(id: string, options?: CallOptions): Answer<{ items: Share[] }>;
  /** `who` is a user's id or a mail address: then whoever proves to have it is let in when they come by. */
  share(id: string, who: string, role?: "editor" | "viewer", options?: CallOptions): Answer<Share>;
  /** By the share's `id`; for a user that is the user's. */
  unshare(id: string, shareId: string, options?: CallOptions): Answer<null>;
  /** The webhooks and mails that tell of the export's end; for its owner. */
  listDeliveries(id: string, options?: CallOptions): Answer<{ items: Delivery[] }>;
  /** Sends one again, at once and under the same id. */
  redeliver(id: string, deliveryId: string, options?: CallOptions): Answer<Delivery>;
  plan(request: ExportRequest, options?: CallOptions): Answer<Plan>;
  preview(request: ExportRequest, options?: CallOptions & { rows?: number }): Answer<Preview>;
  downloadUrl(id: string, options?: CallOptions): Answer<{ url: string; fileName: string; expiresAt: string }>;
  download(id: string, options?: CallOptions): Answer<Response>;
  /** Events of one export, each once and in order, until its last one. Throws SeedbedError when it may not be watched. */
  watch(id: string, options?: WatchOptions): AsyncGenerator<ExportEvent, void, void>;
  /** Events of all of the caller's exports from now on, until `signal` aborts. */
  watchAll(options?: WatchOptions): AsyncGenerator<ExportEvent, void, void>;
}

export function createClient(options?: ClientOptions): SeedbedClient;

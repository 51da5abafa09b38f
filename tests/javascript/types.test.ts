// The types as a front end uses them: `tsc --noEmit` has to agree with every line, and to refuse what is marked.

import { createClient as createSupabase } from "@supabase/supabase-js";
import { createClient, type ExportEvent, SeedbedError, type Status } from "./seedbed.js";

const supabase = createSupabase("https://project.supabase.co", "anon-key");
const seedbed = createClient({ url: "https://seedbed.example.com", supabase });

const { data, error } = await seedbed.createExport({
  schema: { ddl: "create table t (id int primary key)" },
  config: { format: "csv", rows: { t: 30 } },
  seed: 7,
  retentionSeconds: 3600,
});
if (error) {
  const problem: SeedbedError = error;
  console.log(problem.errors[0]?.pointer, problem.code, problem.retryAfter?.toFixed());
} else {
  const onConnection = (state: "open" | "lost") => console.log(state);
  for await (const event of seedbed.watch(data.jobId, { signal: AbortSignal.timeout(1000), onConnection })) {
    const one: ExportEvent = event;
    const id: string = one.id;
    console.log(id);
    const status: Status = one.status;
    console.log(status, one.progressPercent.toFixed());
  }
  const found = await seedbed.getExport(data.jobId);
  console.log(found.data?.sha256?.length);
}

// @ts-expect-error: there is no such format
await seedbed.plan({ schema: { ddl: "" }, config: { format: "cvs", rows: 1 }, seed: 1 });
// @ts-expect-error: nor such a role
await seedbed.share("id", "user", "owner");

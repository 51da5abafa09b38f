// Calls of the API by the page's session. A problem becomes an error that carries it.

export const BASE = "/api/data-generator";

export class Problem extends Error {
  constructor(problem) {
    super(problem.detail || problem.title || "Something went wrong");
    this.problem = problem;
  }
}

export async function call(method, path, body, headers = {}) {
  const options = { method, headers: { accept: "application/json", ...headers }, credentials: "same-origin" };
  if (body !== undefined) {
    options.headers["content-type"] = "application/json";
    options.body = JSON.stringify(body);
  }
  let response;
  try {
    response = await fetch(path, options);
  } catch {
    throw new Problem({ title: "The service cannot be reached", detail: "The service cannot be reached. Try again.", errors: [] });
  }
  if (response.status === 401 && !/^\/(dev|auth)\//.test(path)) {
    location.assign(`/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`);
  }
  const text = await response.text();
  let value = null;
  try {
    value = text ? JSON.parse(text) : null;
  } catch {
    value = { title: response.statusText, detail: `The service answered ${response.status}.` };
  }
  if (!response.ok) throw new Problem(value || { title: response.statusText });
  return value;
}

// Holds buttons while something is done. A button that is held loses the focus; it gets it back.
export async function held(buttons, work) {
  const before = document.activeElement;
  buttons.forEach((button) => (button.disabled = true));
  try {
    return await work();
  } finally {
    buttons.forEach((button) => (button.disabled = false));
    if (document.activeElement === document.body && before?.isConnected && !before.closest("[hidden]")) before.focus();
  }
}

// Shows a problem in a form: each fault at the field it speaks of, the rest above. The first one gets the focus, but not
// where nobody asked for anything: then somebody may be typing elsewhere.
export function showFaults(form, problem, { asked = true } = {}) {
  clearFaults(form);
  const box = form.querySelector(".faults");
  const rest = [];
  for (const fault of problem.errors || []) {
    const field = [...form.querySelectorAll("[data-pointer]")]
      .filter((candidate) => fault.pointer === candidate.dataset.pointer || fault.pointer.startsWith(`${candidate.dataset.pointer}/`))
      .at(-1);
    if (!field) {
      rest.push(fault.message);
      continue;
    }
    const note = document.createElement("p");
    note.className = "fault";
    note.textContent = fault.message;
    note.id = `fault-${(faultsShown += 1)}`;
    field.append(note);
    const control = field.querySelector("textarea:not([hidden])") || field.querySelector("input, select, textarea");
    control?.setAttribute("aria-invalid", "true");
    if (control) control.setAttribute("aria-describedby", [note.id, ...describing(control)].join(" "));
  }
  const placed = (problem.errors || []).length > rest.length;
  const lines = rest.length ? rest : [placed ? problem.title : problem.detail || problem.title];
  box.replaceChildren(...lines.map((line) => Object.assign(document.createElement("p"), { textContent: line })));
  box.hidden = false;
  if (asked) (form.querySelector("[aria-invalid]") || box).focus?.();
}

let faultsShown = 0;

function describing(control) {
  return (control.getAttribute("aria-describedby") || "").split(" ").filter(Boolean);
}

export function clearFaults(form) {
  for (const control of form.querySelectorAll("[aria-describedby*='fault-']")) {
    const rest = describing(control).filter((id) => !id.startsWith("fault-"));
    if (rest.length) control.setAttribute("aria-describedby", rest.join(" "));
    else control.removeAttribute("aria-describedby");
  }
  form.querySelectorAll(".field .fault").forEach((note) => note.remove());
  form.querySelectorAll("[aria-invalid]").forEach((field) => field.removeAttribute("aria-invalid"));
  const box = form.querySelector(".faults");
  box.hidden = true;
  box.replaceChildren();
}

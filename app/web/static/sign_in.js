// Signing in: as the development user, or with Supabase by password or by a link in a mail.

import { call, clearFaults, held, Problem, showFaults } from "./api.js";

const form = document.getElementById("sign-in");
const said = document.getElementById("said");

// One try at a time; whatever is refused is shown at its field.
async function attempt(work) {
  clearFaults(form);
  if (said) said.textContent = "";
  try {
    await held(form.querySelectorAll("button"), () => work(new FormData(form)));
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    showFaults(form, error.problem);
  }
}

form?.addEventListener("submit", (event) => {
  event.preventDefault();
  attempt(async (data) => {
    const { to, onward } = form.dataset;
    const answer = await call("POST", to, to.startsWith("/dev/") ? { email: data.get("email") } : { ...Object.fromEntries(data), next: onward });
    location.assign(answer.next || onward);
  });
});

document.getElementById("link")?.addEventListener("click", () =>
  attempt(async (data) => {
    const email = data.get("email");
    await call("POST", "/auth/link", { email, next: form.dataset.onward });
    said.textContent = `If ${email} can sign in here, a mail with a link is on its way. Open it in this browser.`;
  }),
);

// Until here a press would have sent the form the old way.
form?.querySelectorAll("button").forEach((button) => (button.disabled = false));

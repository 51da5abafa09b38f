// What every page has: moments in the reader's zone, toasts, signing out.

import { call } from "./api.js";
import { localise } from "./format.js";

localise(document);

const MOST_TOASTS = 3;

export function toast(text, kind = "info") {
  const box = document.getElementById("toasts");
  const note = Object.assign(document.createElement("p"), { className: "toast", textContent: text });
  note.dataset.kind = kind;
  box.append(note);
  while (box.children.length > MOST_TOASTS) box.firstElementChild.remove();
  setTimeout(() => note.remove(), 8000);
}

const leave = document.querySelector("[data-sign-out]");
leave?.addEventListener("click", async () => {
  leave.disabled = true;
  try {
    await call("POST", leave.dataset.signOut);
    location.assign("/sign-in");
  } catch (error) {
    leave.disabled = false;
    toast(error.message, "failed");
  }
});
// Until here a press would have done nothing.
if (leave) leave.disabled = false;

// What every page has: moments in the reader's zone, toasts, signing out.

import { call } from "./api.js";
import { localise } from "./format.js";

localise(document);

export function toast(text, kind = "info") {
  const box = document.getElementById("toasts");
  const note = Object.assign(document.createElement("p"), { className: "toast", textContent: text });
  note.dataset.kind = kind;
  box.append(note);
  setTimeout(() => note.remove(), 8000);
}

document.querySelector("[data-sign-out]")?.addEventListener("click", async () => {
  await call("POST", "/dev/sign-out");
  location.assign("/sign-in");
});

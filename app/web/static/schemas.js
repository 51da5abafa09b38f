// The stored schemas, each of which can be deleted.

import { BASE, call, held } from "./api.js";
import { toast } from "./shell.js";

const asking = document.getElementById("delete");
// The card that is asked about.
let card = null;

for (const button of document.querySelectorAll('[data-action="delete"]')) {
  button.addEventListener("click", () => {
    card = button.closest("[data-schema]");
    asking.querySelector('[data-slot="name"]').textContent = card.querySelector(".name").textContent;
    asking.showModal();
  });
  // Until here a press would have done nothing.
  button.disabled = false;
}

asking?.querySelector("[data-keep]").addEventListener("click", () => asking.close());
asking?.querySelector("[data-delete]").addEventListener("click", async () => {
  try {
    await held(asking.querySelectorAll("button"), () => call("DELETE", `${BASE}/schema/${card.dataset.schema}`));
  } catch (error) {
    asking.close();
    toast(error.message, "failed");
    return;
  }
  asking.close();
  const next = (card.nextElementSibling ?? card.previousElementSibling)?.querySelector("a");
  if (!next) return location.reload(); // which says what a page without any says, or shows older ones
  card.remove();
  next.focus();
  toast("The schema is deleted.");
});

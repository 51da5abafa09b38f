// Signing in, in development.

import { call, clearFaults, Problem, showFaults } from "./api.js";

const form = document.getElementById("sign-in");

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  clearFaults(form);
  try {
    await call("POST", "/dev/sign-in", { email: new FormData(form).get("email") });
    location.assign("/");
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    showFaults(form, error.problem);
  }
});

// Until here a press would have sent the form the old way.
form.querySelector("button").disabled = false;

// A report survives a bad line: what is typed is kept on this phone until the server has it, and is sent when the
// connection is back. It is forgotten when it was sent, at sign-out, after a week, and when somebody else signs in.
"use strict";
(() => {
  const DRAFT = "field-draft:", WEEK = 7 * 24 * 60 * 60 * 1000;
  const person = document.currentScript.dataset.person;
  const bar = document.querySelector("[data-offline]");
  const form = document.querySelector("form[data-draft]");

  const names = () => Object.keys(localStorage).filter((name) => name.startsWith(DRAFT));
  const forget = (name) => localStorage.removeItem(name);
  const own = () => names().filter((name) => name.startsWith(`${DRAFT}${person}:`));
  const read = (name) => {
    try { return JSON.parse(localStorage.getItem(name)) ?? {}; } catch { return {}; }
  };

  const tidy = () => {
    for (const name of names()) {
      const isOthers = person !== "" && !name.startsWith(`${DRAFT}${person}:`);
      if (isOthers || !(Date.now() - read(name).at < WEEK)) forget(name);
    }
  };

  const showLine = () => { bar.textContent = navigator.onLine ? "" : bar.dataset.offline; };

  const guardSignOut = (out) => out.addEventListener("submit", (event) => {
    if (own().length && !confirm(out.dataset.signOut)) return event.preventDefault();
    own().forEach(forget);
  });

  const begin = () => {
    const slot = `${DRAFT}${person}:${form.dataset.draft}`;
    const fields = () => [...form.elements].filter((one) => one.name && one.name !== "csrfmiddlewaretoken");
    const tell = (what) => {
      const said = form.querySelector("[data-draft-said]");
      said.textContent = what ? said.dataset[what] : "";
    };
    let isWaiting = false;

    const keep = () => {
      const typed = Object.fromEntries(fields().map((one) => [one.name, one.value]));
      try {
        localStorage.setItem(slot, JSON.stringify({ at: Date.now(), typed }));
        tell("kept");
      } catch {
        tell("");
      }
    };

    const restore = () => {
      const { typed } = read(slot);
      if (!typed) return;
      for (const one of fields()) one.value = typed[one.name] ?? one.value;
      tell("back");
    };

    // The answer is a page: the form again with what speaks against it, or another one.
    const show = async (answer) => {
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const alert = page.querySelector("[role=alert]"), fresh = page.querySelector("form[data-draft]");
      if (!fresh) return tell("failed");
      document.querySelector("main > [role=alert]")?.remove();
      if (alert) form.closest("main").querySelector("h1").after(alert);
      const typed = Object.fromEntries(fields().map((one) => [one.name, one.value]));
      form.replaceChildren(...fresh.childNodes);
      for (const one of fields()) one.value = typed[one.name];
      (alert ?? form.querySelector("[aria-invalid=true]"))?.focus();
    };

    const send = async () => {
      const button = form.querySelector("button");
      isWaiting = !navigator.onLine;
      if (isWaiting) return tell("waiting");
      tell("sending");
      button.disabled = true;
      try {
        const answer = await fetch(location.href, { method: "POST", body: new FormData(form), headers: { "X-Field": "report" } });
        if (answer.status === 201) {
          forget(slot);
          return location.assign(answer.headers.get("Location"));
        }
        if (answer.redirected) return location.assign(answer.url); // to sign in again
        if (answer.status === 403) return location.reload(); // the form was open while somebody signed in again
        await show(answer);
      } catch {
        isWaiting = true;
        tell("waiting");
      }
      button.disabled = false;
    };

    restore();
    form.addEventListener("input", keep);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      keep();
      send();
    });
    window.addEventListener("online", () => { if (isWaiting) send(); });
  };

  tidy();
  showLine();
  window.addEventListener("online", showLine);
  window.addEventListener("offline", showLine);
  document.querySelectorAll("[data-sign-out]").forEach(guardSignOut);
  document.querySelectorAll("[data-typed-kept]").forEach((one) => { one.hidden = !names().length; });
  document.querySelector("main [role=alert], main [data-revealed], main [aria-invalid=true]")?.focus();
  if (form) begin();
})();

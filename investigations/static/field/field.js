// A report survives a bad line: what is typed is kept on this phone until the server has it, and is sent when the
// connection is back. It is forgotten when it was sent, at sign-out, after a week, and when somebody else signs in.
"use strict";
(() => {
  const DRAFT = "field-draft:", WEEK = 7 * 24 * 60 * 60 * 1000, AGAIN = 10000;
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
    const isTick = (one) => one.type === "checkbox";
    const typedNow = () => {
      const typed = {};
      for (const one of fields()) {
        typed[one.name] ??= [];
        if (!isTick(one) || one.checked) typed[one.name].push(one.value);
      }
      return typed;
    };
    const total = () => form.querySelector("[name=others-TOTAL_FORMS]");

    const addOther = () => {
      const blank = form.querySelector("[data-other]"), number = total().value;
      const part = document.createElement("div");
      part.innerHTML = blank.innerHTML.replaceAll("__prefix__", number);
      form.querySelector("[data-others]").append(...part.children);
      total().value = Number(number) + 1;
      return form.querySelector("[data-others]").lastElementChild;
    };

    const typeIn = (typed) => {
      while (Number(total().value) < Number(typed["others-TOTAL_FORMS"]?.[0] ?? 0)) addOther();
      for (const one of fields()) {
        const said = typed[one.name];
        if (!said || one.name.endsWith("_FORMS")) continue;
        if (isTick(one)) one.checked = said.includes(one.value);
        else one.value = said[0] ?? one.value;
      }
      form.querySelectorAll("[data-visit]").forEach(sayWhatCame);
    };

    // What came of a visit stays to be read when its part is folded up.
    const sayWhatCame = (part) => {
      const result = part.querySelector("select");
      part.querySelector("[data-said]").textContent = result.value ? result.selectedOptions[0].textContent : "";
    };

    // A file that has just arrived can be ticked in every part, also in those that are still to be added.
    const offerFile = (file) => {
      const parts = [form, form.querySelector("[data-other]").content];
      for (const part of parts.flatMap((one) => [...one.querySelectorAll("[data-files]")])) {
        if ([...part.querySelectorAll("input")].some((one) => one.value === file.pk)) continue;
        const tick = Object.assign(document.createElement("input"), { type: "checkbox", name: part.dataset.files, value: file.pk });
        const label = document.createElement("label");
        label.className = "tick";
        label.append(tick, ` ${file.name}`);
        part.querySelector("[data-none]")?.remove();
        part.append(label);
      }
    };

    const offerOthers = () => {
      const more = form.querySelector("[data-add-other]");
      more.hidden = Number(total().value) >= Number(form.querySelector("[name=others-MAX_NUM_FORMS]").value);
      more.addEventListener("click", () => {
        const part = addOther();
        part.open = true;
        part.querySelector("select").focus();
        more.hidden = Number(total().value) >= Number(form.querySelector("[name=others-MAX_NUM_FORMS]").value);
        keep();
      });
    };
    const tell = (what) => {
      const said = form.querySelector("[data-draft-said]");
      said.textContent = what ? said.dataset[what] : "";
    };
    let isWaiting = false;

    const keep = () => {
      try {
        localStorage.setItem(slot, JSON.stringify({ at: Date.now(), typed: typedNow() }));
        tell("kept");
      } catch {
        tell("");
      }
    };

    const restore = () => {
      const { typed } = read(slot);
      if (!typed) return;
      typeIn(typed);
      tell("back");
    };

    // The answer is a page: the form again with what speaks against it, or another one.
    const show = async (answer) => {
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const alert = page.querySelector("[role=alert]"), fresh = page.querySelector("form[data-draft]");
      document.querySelector("main > [role=alert]")?.remove();
      if (!fresh) {
        tell("failed");
        if (alert) form.closest("main").querySelector("h1").after(alert);
        return alert?.focus();
      }
      if (alert) form.closest("main").querySelector("h1").after(alert);
      const typed = typedNow();
      form.replaceChildren(...fresh.childNodes);
      typeIn(typed);
      offerOthers();
      (alert ?? form.querySelector("[aria-invalid=true]"))?.focus();
    };

    const send = async () => {
      const button = form.querySelector("button:not([type])");
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
        setTimeout(() => { if (isWaiting) send(); }, AGAIN); // a phone in a corridor may believe that it has a line
      }
      button.disabled = false;
    };

    restore();
    offerOthers();
    document.addEventListener("field:arrived", (event) => offerFile(event.detail));
    form.addEventListener("input", keep);
    form.addEventListener("change", (event) => {
      const part = event.target.closest("[data-visit]");
      if (part) sayWhatCame(part);
    });
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

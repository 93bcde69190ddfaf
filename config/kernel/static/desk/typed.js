// What was typed survives a sign-out, an expired page and a failed answer: kept in this tab alone from the moment it is
// sent, put back into the same person's form, and forgotten as soon as any other page has come in answer. What says who
// somebody is or what ails them is marked private, and never kept.
(() => {
  const SLOT = "desk-typed";
  const person = document.currentScript.dataset.person;
  const interrupted = document.querySelector("[data-interrupted]"); // sign-in and error pages
  const forms = () => [...document.querySelectorAll("form.desk-form")];
  const isPrivate = (field) => field.closest("[data-private]") || field.name === "csrfmiddlewaretoken";
  const isKept = (field) => field.name && !isPrivate(field) && !["file", "password", "submit"].includes(field.type);
  const show = (name) => document.querySelectorAll(name).forEach((one) => { one.hidden = false; });

  const read = (form) => [...form.elements].filter(isKept).map((field) => [field.name, field.value, field.checked ?? null]);

  const write = (form, kept) => {
    for (const [name, value, checked] of kept) {
      const fields = [...form.elements].filter((field) => isKept(field) && field.name === name);
      const ticked = fields.find((field) => ["checkbox", "radio"].includes(field.type) && field.value === value);
      if (ticked) ticked.checked = checked;
      else if (fields.length) fields[0].value = value;
    }
  };

  const keep = (event) => {
    const number = forms().indexOf(event.target);
    if (number < 0) return;
    sessionStorage.setItem(SLOT, JSON.stringify({ person, path: location.pathname, number, fields: read(event.target) }));
  };

  const kept = JSON.parse(sessionStorage.getItem(SLOT) ?? "null");
  if (kept && interrupted) {
    sessionStorage.setItem(SLOT, JSON.stringify({ ...kept, interrupted: true }));
    show("[data-typed-kept]");
  } else if (kept) {
    sessionStorage.removeItem(SLOT);
    const form = forms()[kept.number];
    if (kept.interrupted && kept.person === person && kept.path === location.pathname && form) {
      write(form, kept.fields);
      show("[data-typed-back]");
    }
  }
  document.addEventListener("submit", keep, true);
})();

// The desk by keyboard. Single keys act on what the page marks: data-act names a control, data-row a row of work.
// They are silent while somebody types, with Ctrl, Alt or Meta, and after they were switched off (WCAG 2.1.4).
(() => {
  const SWITCH = "desk-keys", TOGETHER = 1500;
  const ROWS = "[data-row], #result_list tbody tr";
  const dialog = document.getElementById("desk-keys");
  const toggle = document.getElementById("desk-keys-on");
  let last = { key: "", at: 0 };

  const areOn = () => localStorage.getItem(SWITCH) !== "off";
  const isTyping = (target) => target.matches?.("input:not([type=checkbox], [type=radio], [type=submit], [type=button]), textarea, select") || target.isContentEditable;
  const visible = (scope, selector) => [...scope.querySelectorAll(selector)].filter((one) => one.checkVisibility() && !one.matches(":disabled, [aria-disabled=true]"));
  const rows = () => visible(document, ROWS).filter((row) => !row.querySelector("[data-row]"));
  const focused = () => document.activeElement?.closest(ROWS);
  // The row that has the focus, or whose paper the viewer shows: what is meant is what is looked at.
  const current = () => focused() ?? document.querySelector("[data-row]:has([aria-current=true])");

  const act = (name, scope = document) => {
    const control = visible(scope, `[data-act="${name}"]`)[0];
    control?.click();
    if (control?.matches("summary")) visible(control.parentElement, "select, textarea")[0]?.focus();
    return Boolean(control);
  };

  // Never another row's: a row that has no such control any more is done.
  const actOnRow = (name) => act(name, current() ?? document);

  const step = (by) => {
    const all = rows(), at = all.indexOf(current());
    const row = all[at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + by, 0), all.length - 1)];
    if (!row) return false;
    if (row.tabIndex < 0) row.tabIndex = -1;
    row.focus();
    row.scrollIntoView({ block: "nearest" });
    return true;
  };

  const open = () => {
    const link = focused() === document.activeElement && visible(focused() ?? document.body, "a[href]")[0];
    if (link) link.click();
    return Boolean(link);
  };

  const search = () => {
    const box = visible(document, "[data-act=search], #searchbar, input[type=search]")[0];
    box?.focus();
    box?.select();
    return Boolean(box);
  };

  const toDesk = () => {
    if (!act("desk")) location.assign(dialog.dataset.desk);
    return true;
  };

  const help = () => { if (!dialog.open) dialog.showModal(); return true; };

  const keys = { n: () => act("next"), a: () => actOnRow("accept"), r: () => actOnRow("return"), j: () => step(1), k: () => step(-1), "/": search, "?": help };
  const chinese = { "？": "?", "、": "/" };
  const inRow = { ArrowDown: () => step(1), ArrowUp: () => step(-1), Enter: open };

  // An input method gives signs of its own, or hides the letter behind "Process".
  const keyOf = (event) => {
    const key = event.key === "Process" ? event.code.replace("Key", "").toLowerCase() : event.key;
    return event.key === "Process" && event.code === "Slash" ? (event.shiftKey ? "?" : "/") : chinese[key] ?? key;
  };

  const onKey = (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || isTyping(event.target) || dialog.open) return;
    const key = keyOf(event);
    if (!areOn()) {
      if (key === "/") event.stopImmediatePropagation(); // the skin listens for it, too
      return;
    }
    const follows = last.key === "g" && event.timeStamp - last.at < TOGETHER;
    last = { key, at: event.timeStamp };
    const doIt = (follows && key === "d" && toDesk) || keys[key] || (focused() && inRow[key]);
    if (doIt && doIt()) {
      event.preventDefault();
      event.stopImmediatePropagation();
    }
  };

  const prepare = () => {
    toggle.checked = areOn();
    toggle.addEventListener("change", () => localStorage.setItem(SWITCH, toggle.checked ? "on" : "off"));
    dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close());
    for (const button of document.querySelectorAll("[data-act=keys]")) {
      button.hidden = false;
      button.addEventListener("click", help);
    }
  };

  // Where the skin has a link that only a mouse finds, Tab and Enter find it, too.
  for (const one of document.querySelectorAll("a:not([href])[x-on\\:click]")) {
    one.tabIndex = 0;
    one.setAttribute("role", "button");
    one.addEventListener("keydown", (event) => {
      if (!["Enter", " "].includes(event.key)) return;
      event.preventDefault();
      one.click();
    });
  }

  if (dialog) {
    prepare();
    window.addEventListener("keydown", onKey, true);
  }
})();

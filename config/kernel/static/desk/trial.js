// Looks again every few seconds while work runs (`data-running` in a section of the page); without it the link "Look again"
// does. A page that nobody touches for five minutes rests until somebody does: it must not keep the session of somebody who
// has gone. Where the answer is another page, the session has ended.
"use strict";
(() => {
  const EVERY = 4000;
  const IDLE = 300_000;
  let used = Date.now();
  const isWatched = () => document.visibilityState === "visible" && Date.now() - used < IDLE;
  const running = () => document.querySelector("section[id] [data-running]")?.closest("section[id]");
  const look = async () => {
    if (!isWatched()) return wait();
    try {
      const answer = await fetch(window.location.href, { credentials: "same-origin" });
      const part = running();
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById(part.id);
      if (!fresh) return;
      if (part.querySelector("[data-reload]") && !fresh.querySelector("[data-running]")) return window.location.reload();
      part.replaceWith(fresh);
    } catch {
      // the next look may be luckier
    }
    wait();
  };
  const wait = () => running() && window.setTimeout(look, EVERY);
  for (const sign of ["pointermove", "keydown", "scroll", "touchstart"]) {
    addEventListener(sign, () => { used = Date.now(); }, { passive: true });
  }
  wait();
})();

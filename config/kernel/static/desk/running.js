// Looks again every few seconds while something runs (`data-running` in a part of the page that has an id), at that part
// alone; without it a link does. A page that nobody touches for five minutes rests until somebody does: it must not keep
// the session of somebody who has gone. Where the answer comes from another page, the session has ended; where there is
// none, as during an update, the next look may be luckier.
"use strict";
(() => {
  const EVERY = 4000;
  const IDLE = 300_000;
  let used = Date.now();
  const isWatched = () => document.visibilityState === "visible" && Date.now() - used < IDLE;
  const running = () => document.querySelector("[data-running]");
  const look = async () => {
    const part = running()?.closest("[id]");
    if (!part) return;
    if (!isWatched()) return wait();
    try {
      const address = new URL(window.location.href);
      address.searchParams.set("part", part.id);
      const answer = await fetch(address, { credentials: "same-origin" });
      if (answer.redirected) return;
      if (!answer.ok) return wait();
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById(part.id);
      if (!fresh) return;
      if (!fresh.querySelector("[data-running]")) return window.location.reload(); // what can be done is another
      part.replaceWith(fresh);
    } catch {
      // the next look may be luckier
    }
    wait();
  };
  const wait = () => running() && window.setTimeout(look, Number(running().dataset.running) || EVERY);
  for (const sign of ["pointermove", "keydown", "scroll", "touchstart"]) {
    addEventListener(sign, () => { used = Date.now(); }, { passive: true });
  }
  wait();
})();

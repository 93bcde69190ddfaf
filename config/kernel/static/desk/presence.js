// Says once a minute that the page of a case is being looked at, so that others see who has it open. A page that nobody
// touches for five minutes says nothing more: it must not keep the session of somebody who has gone.
"use strict";
(() => {
  const place = document.querySelector("[data-here]");
  if (!place) return;
  const MINUTE = 60_000;
  let used = Date.now();
  const tell = () => {
    if (document.visibilityState !== "visible" || Date.now() - used > 5 * MINUTE) return;
    fetch(place.dataset.here, { method: "POST", headers: { "X-CSRFToken": place.dataset.token } }).catch(() => {});
  };
  for (const sign of ["pointermove", "keydown", "scroll", "touchstart"]) {
    addEventListener(sign, () => { used = Date.now(); }, { passive: true });
  }
  tell();
  setInterval(tell, MINUTE);
  document.addEventListener("visibilitychange", tell);
})();

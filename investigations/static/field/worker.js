// Registers what answers without a line. A browser that does not know service workers shows its own error, as ever.
"use strict";
(() => {
  const { worker, scope } = document.currentScript.dataset;
  if ("serviceWorker" in navigator) navigator.serviceWorker.register(worker, { scope }).catch(() => {});
})();

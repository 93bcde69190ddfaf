// Without a line a page of /field/ is answered with words instead of the browser's error. Nothing else is kept.
"use strict";
const KEPT = "field-offline-{{ version }}", PAGE = "{{ page }}", STYLES = [{% for style in styles %}"{{ style }}"{% if not forloop.last %}, {% endif %}{% endfor %}];

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(KEPT).then((kept) => kept.addAll([PAGE, ...STYLES])).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  const old = (name) => name.startsWith("field-offline-") && name !== KEPT;
  event.waitUntil(caches.keys().then((names) => Promise.all(names.filter(old).map((name) => caches.delete(name)))).then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  const { request } = event, path = new URL(request.url).pathname;
  if (request.mode === "navigate") event.respondWith(fetch(request).catch(() => caches.match(PAGE)));
  else if (STYLES.includes(path)) event.respondWith(fetch(request).catch(() => caches.match(path)));
});

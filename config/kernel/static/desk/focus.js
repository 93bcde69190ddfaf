// The skin hides the page until it has started, and what is hidden takes no focus of its own accord.
document.addEventListener("alpine:initialized", () => requestAnimationFrame(() => document.querySelector("main [autofocus]")?.focus()));

// How the skin's scrollbars call what they scroll: in the language of the page. Runs before they are made.
"use strict";
window.SimpleBar.defaultOptions.ariaLabel = document.currentScript.dataset.label;

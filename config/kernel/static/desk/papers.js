// The viewer beside the checklist: a link to a page of a paper shows the page here. Without it the links open the page.
"use strict";
(() => {
    const viewer = document.getElementById("paper-viewer");
    if (!viewer) return;
    const image = viewer.querySelector("img");
    const said = viewer.querySelector("[data-said]");
    const where = viewer.querySelector("[data-where]");
    const name = viewer.querySelector("[data-name]");
    const buttons = [...viewer.querySelectorAll("[data-go]")];
    let sheets = [];
    let at = 0;

    // All pages of the paper that a link belongs to, file by file.
    const sheetsOf = (link) =>
        [...link.closest("ul").querySelectorAll("a[data-paper]")].flatMap((file) =>
            Array.from({ length: Number(file.dataset.pages) }, (_, page) => ({
                file,
                src: file.getAttribute("href").replace(/\d+\/$/, `${page + 1}/`),
            })),
        );

    const show = (next) => {
        at = next;
        const sheet = sheets[at];
        viewer.setAttribute("aria-busy", "true");
        said.hidden = true;
        image.hidden = false;
        image.src = sheet.src;
        where.textContent = `${at + 1} / ${sheets.length}`;
        name.textContent = sheet.file.dataset.name;
        name.href = sheet.src;
        image.alt = `${name.textContent} · ${where.textContent}`;
        for (const button of buttons) button.disabled = !sheets[at + Number(button.dataset.go)];
        for (const link of document.querySelectorAll("a[data-paper][aria-current]")) link.removeAttribute("aria-current");
        sheet.file.setAttribute("aria-current", "true");
    };

    const turn = (step) => {
        if (!sheets[at + step]) return;
        const held = document.activeElement;
        show(at + step);
        if (held && held.disabled) viewer.focus({ preventScroll: true });
    };

    image.addEventListener("load", () => viewer.removeAttribute("aria-busy"));
    image.addEventListener("error", () => {
        viewer.removeAttribute("aria-busy");
        image.hidden = true;
        said.textContent = viewer.dataset.failed;
        said.hidden = false;
    });
    for (const button of buttons) button.addEventListener("click", () => turn(Number(button.dataset.go)));
    viewer.addEventListener("keydown", (event) => {
        if (event.altKey || event.ctrlKey || event.metaKey) return;
        const step = { ArrowLeft: -1, ArrowRight: 1, PageUp: -1, PageDown: 1 }[event.key];
        if (!step) return;
        event.preventDefault();
        turn(step);
    });
    document.addEventListener("click", (event) => {
        const link = event.target.closest("a[data-paper]");
        if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        sheets = sheetsOf(link);
        show(sheets.findIndex((sheet) => sheet.file === link));
        viewer.focus({ preventScroll: true });
        viewer.scrollIntoView({ block: "nearest" });
    });
})();

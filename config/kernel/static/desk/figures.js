// Draws the charts of the page of figures from the numbers that stand in it, in the colours of the theme, and saves them
// as images; the table below each chart says the same without any script. Neighbouring series differ by colour, by
// lightness and by pattern, so that they can be told apart without seeing colours. Blocks that the page did not wait for
// are fetched, one after the other.
"use strict";
(() => {
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const charts = new Map();
  const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const COLOURS = ["--figure-1", "--figure-2", "--figure-3", "--figure-4"];

  const hatched = (colour, kind) => {
    if (kind === 0) return colour;
    const tile = document.createElement("canvas");
    tile.width = tile.height = 8;
    const pen = tile.getContext("2d");
    pen.fillStyle = colour;
    pen.fillRect(0, 0, 8, 8);
    pen.strokeStyle = css("--figure-ground");
    pen.lineWidth = 1.5;
    pen.beginPath();
    if (kind === 1 || kind === 3) { pen.moveTo(0, 8); pen.lineTo(8, 0); }
    if (kind === 2 || kind === 3) { pen.moveTo(0, 0); pen.lineTo(8, 8); }
    pen.stroke();
    return pen.createPattern(tile, "repeat");
  };

  const ground = {
    id: "ground",
    beforeDraw: ({ ctx, width, height }) => {
      ctx.save();
      ctx.globalCompositeOperation = "destination-over";
      ctx.fillStyle = css("--figure-ground");
      ctx.fillRect(0, 0, width, height);
      ctx.restore();
    },
  };

  const bars = (said, series, place) => {
    const colour = css(COLOURS[place % COLOURS.length]);
    const own = hatched(colour, place % COLOURS.length);
    const quiet = hatched(css("--figure-quiet"), 1);
    return {
      label: series.label,
      data: series.values,
      backgroundColor: said.quiet.map((isQuiet) => (isQuiet ? quiet : own)),
      borderColor: colour,
      borderWidth: 1,
      maxBarThickness: 26,
    };
  };

  const axes = (said) => {
    const text = { color: css("--desk-text") };
    const grid = { color: css("--desk-line") };
    const numbers = { beginAtZero: true, ticks: { ...text, precision: 0 }, grid, stacked: said.stacked };
    if (said.most) numbers.max = said.most;
    const names = { ticks: { ...text, autoSkip: false }, grid: { display: false }, stacked: said.stacked };
    return said.upright ? { x: names, y: numbers } : { x: numbers, y: names };
  };

  const draw = (section) => {
    const said = JSON.parse(section.querySelector('script[type="application/json"]').textContent);
    const canvas = section.querySelector("canvas");
    charts.get(section)?.destroy();
    const lines = said.labels.length * (said.stacked ? 1 : said.series.length);
    canvas.parentElement.style.height = said.upright ? "20rem" : `${Math.max(9, 5 + lines * 1.9)}rem`;
    const text = { color: css("--desk-text") };
    charts.set(section, new Chart(canvas, {
      type: "bar",
      data: { labels: said.labels, datasets: said.series.map((one, place) => bars(said, one, place)) },
      options: {
        indexAxis: said.upright ? "x" : "y",
        animation: still ? false : { duration: 300 },
        maintainAspectRatio: false,
        scales: axes(said),
        plugins: { legend: { display: said.series.length > 1, labels: text }, title: { display: true, text: said.title, ...text } },
      },
      plugins: [ground],
    }));
    section.dataset.drawn = "";
  };

  const save = (canvas, name) => canvas.toBlob((image) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(image);
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  });

  const offer = (section) => {
    const button = section.querySelector("[data-png]");
    button.hidden = false;
    button.addEventListener("click", () => save(section.querySelector("canvas"), button.dataset.png));
  };

  // Where somebody had come to by keyboard, and it was replaced.
  const hold = (head) => {
    head.tabIndex = -1;
    head.focus({ preventScroll: true });
  };

  const compute = async (section) => {
    const link = section.querySelector("a");
    const held = section.contains(document.activeElement);
    const show = (waits, failed) => {
      section.querySelector("[data-waits]").hidden = !waits;
      section.querySelector("[data-failed]").hidden = !failed;
      link.hidden = waits;
    };
    show(true, false);
    try {
      const answer = await fetch(link.href, { credentials: "same-origin" });
      const found = answer.ok && new DOMParser().parseFromString(await answer.text(), "text/html").getElementById(section.id);
      if (!found) throw new Error(answer.status);
      section.replaceWith(document.adoptNode(found));
      if (held && document.activeElement === document.body) hold(found.querySelector("h2"));
      if (found.dataset.figure) { offer(found); draw(found); }
    } catch {
      show(false, true);
    }
  };

  const drawn = () => document.querySelectorAll("[data-figure]");
  const drawAll = () => drawn().forEach(draw);
  drawn().forEach(offer);
  drawAll();
  new MutationObserver(drawAll).observe(document.documentElement, { attributeFilter: ["class"] });
  (async () => {
    for (const section of document.querySelectorAll("[data-later]")) await compute(section);
  })();
})();

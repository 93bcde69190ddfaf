// Looks again every few seconds while a trial runs; without it the link "Look again" does.
(() => {
  const EVERY = 4000;
  const look = async () => {
    try {
      const answer = await fetch(window.location.href, { credentials: "same-origin" });
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("trial");
      if (fresh) document.getElementById("trial").replaceWith(fresh);
    } catch {
      // the next look may be luckier
    }
    wait();
  };
  const wait = () => document.querySelector("#trial [data-running]") && window.setTimeout(look, EVERY);
  wait();
})();

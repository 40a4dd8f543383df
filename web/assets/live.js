// Keeps the parts of a page with data-live up to date while a run goes on. Without it the page is as it was
// when it was loaded.
"use strict";

const source = document.querySelector("[data-source]");
if (source) {
  const pause = source.querySelector("button");
  const news = source.querySelector("a");
  let events = null;
  let paused = false;

  const show = (event) => {
    const { run, parts, version } = JSON.parse(event.data);
    // What would move the page when it changed is only announced.
    news.hidden = run === source.dataset.run && version === source.dataset.version;
    if (run !== source.dataset.run) {
      return;
    }
    for (const [name, html] of Object.entries(parts)) {
      const part = document.querySelector(`[data-live="${name}"]`);
      // A part that somebody is at, with the keyboard or a selection, stays as it is.
      const selection = document.getSelection();
      const read = part.contains(document.activeElement) ||
        (!selection.isCollapsed && part.contains(selection.anchorNode));
      if (!read) {
        part.innerHTML = html;
      }
    }
  };

  const follow = () => {
    const wanted = !paused && !document.hidden;
    if (wanted && !events) {
      events = new EventSource(source.dataset.source);
      events.onmessage = show;
    } else if (!wanted && events) {
      events.close();
      events = null;
    }
  };

  pause.addEventListener("click", () => {
    paused = !paused;
    pause.setAttribute("aria-pressed", String(paused));
    follow();
  });
  // A browser has few connections to a host: tabs that nobody sees need none.
  document.addEventListener("visibilitychange", follow);
  source.hidden = false;
  follow();
}

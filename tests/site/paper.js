// What a printer would get wrong. The page is laid out for print, in a window as wide as a sheet without its margins.
() => {
  dispatchEvent(new Event("beforeprint"));
  for (const hidden of document.querySelectorAll("mjx-assistive-mml")) hidden.remove();
  const box = (element) => element.getBoundingClientRect();
  const seen = (e) => e.checkVisibility({ visibilityProperty: true }) && box(e).width > 1 && box(e).height > 1;
  const words = (e) => `${e.tagName.toLowerCase()} "${e.textContent.trim().replace(/\s+/g, " ").slice(0, 60)}"`;
  const kinds = {
    "outside": (e) => e.scrollWidth > innerWidth + 1 || box(e).left < -1 || box(e).right > innerWidth + 1,
    // On paper nothing scrolls: what does not fit its box is lost. The end of a glyph's bar is no loss.
    "cut off": (e) => e.clientWidth && e.scrollWidth > e.clientWidth + 3 && getComputedStyle(e).overflowX !== "visible",
    "a control": (e) =>
      e.matches("header, footer, aside, form, button, input, dialog, .headerlink") ||
      (e.matches("nav") && !e.closest("#print-main-content")),
  };
  const all = [...document.querySelectorAll("body *:not(mjx-container *)")].filter(seen);
  return Object.entries(kinds).flatMap(([kind, fits]) => all.filter(fits).map((e) => `${kind}: ${words(e)}`));
}

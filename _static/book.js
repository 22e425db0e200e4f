// A page prints in its light colours, and shows what is folded on the screen.
const page = document.documentElement;
let theme;
let opened = [];
addEventListener("beforeprint", () => {
  theme = page.dataset.theme;
  page.dataset.theme = "light";
  opened = [...document.querySelectorAll("details:not([open])")];
  opened.forEach((details) => (details.open = true));
});
addEventListener("afterprint", () => {
  page.dataset.theme = theme;
  opened.splice(0).forEach((details) => (details.open = false));
});

// In a folder, a page may not read the other pages, so search results come without excerpts.
if (location.protocol === "file:") DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;

// What is wider than its box scrolls in it. The box says so as long as there is more to the right.
addEventListener("load", async () => {
  await window.MathJax?.startup?.promise; // formulas come last
  const boxes = document.querySelectorAll(
    ".bd-article :is(.highlight pre, .pst-scrollable-table-container, .output.text_html, mjx-container[display])",
  );
  const look = (box) => box.classList.toggle("more-right", box.scrollWidth - box.clientWidth - box.scrollLeft > 2);
  const resized = new ResizeObserver((entries) => entries.forEach((entry) => look(entry.target)));
  for (const box of boxes) {
    resized.observe(box);
    box.addEventListener("scroll", () => look(box), { passive: true });
  }
});

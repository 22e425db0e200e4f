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

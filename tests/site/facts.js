// What a loaded page holds, after everything folded has been opened by a click.
() => {
  const all = (selector) => [...document.querySelectorAll(selector)];
  const seen = (element) => element.checkVisibility() && element.getBoundingClientRect().height > 1;
  const words = (element) => element.textContent.trim().replace(/\s+/g, " ").slice(0, 60);
  const name = (element) => `${element.tagName.toLowerCase()} "${words(element)}"`;

  // Open what is folded, the outer before the inner, as a reader does.
  const shut = [];
  for (const details of all("main details")) {
    if (!details.open) details.querySelector("summary").click();
    const inside = [...details.children].slice(1);
    if (!details.open || !inside.some(seen)) shut.push(name(details));
  }
  for (const block of all("main .toggle-hidden")) {
    const button = block.querySelector(".toggle-button");
    if (button) button.click();
    if (block.classList.contains("toggle-hidden")) shut.push(name(block));
  }

  // The text that a reader sees, without code and without formulas.
  const copy = document.querySelector("main")?.cloneNode(true) ?? document.createElement("main");
  for (const part of copy.querySelectorAll("mjx-container, pre, code, script, style, kbd")) part.remove();
  const raw = copy.textContent.match(
    /\\[([]|\\(frac|partial|sum|begin|text|tanh|sigma|odot)\b|\$[^$\n]{1,60}\$|\{(doc|eq|ref|numref|cite\S*|prf\S*|term)\}`/g,
  );

  const scrolls = (element) => {
    for (let box = element; box && box !== document.body; box = box.parentElement)
      if (getComputedStyle(box).overflowX !== "visible") return true;
    return false;
  };
  const wide = all("body *")
    .map((element) => [element, element.getBoundingClientRect()])
    .filter(([, box]) => box.right > innerWidth + 1 && box.left < innerWidth) // a drawer waits outside
    .map(([element]) => element)
    .filter((element) => seen(element) && !scrolls(element.parentElement))
    .map(name);
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth) wide.push(`the page, ${root.scrollWidth - root.clientWidth} px`);

  const icons = all("body *").flatMap((element) => {
    const style = getComputedStyle(element, "::before");
    const shown = style.content.replace(/["']/g, "");
    const icon = style.fontFamily.includes("Awesome") && !["none", "normal", ""].includes(shown);
    return icon ? [[shown, style.fontFamily, style.fontWeight]] : [];
  });

  return {
    shut,
    raw: raw ?? [],
    wide: wide.slice(0, 5),
    icons,
    broken: all("mjx-merror, [data-mml-node=merror]").map(words),
    unrendered: all(".math").filter((element) => !element.querySelector("mjx-container")).map(words),
    silent: all("mjx-container").filter((e) => !e.querySelector("mjx-assistive-mml math")).map(words),
    images: all("img").filter((image) => image.checkVisibility()).map((image) => ({
      source: image.src.slice(0, 90),
      alt: image.getAttribute("alt"),
      hidden: image.getAttribute("aria-hidden") === "true" || image.getAttribute("role") === "presentation",
      loaded: image.complete && image.naturalWidth > 0,
      content: Boolean(image.closest("main article")),
    })),
    headings: all("h1, h2, h3, h4, h5, h6").filter(seen).map((h) => [Number(h.tagName[1]), words(h)]),
    landmarks: all("main, nav, header, footer, aside").map((e) => e.tagName.toLowerCase()),
    unnamed: all("nav").filter((e) => !e.ariaLabel && !e.getAttribute("aria-labelledby")).map(name),
    language: root.lang,
    title: document.title,
    description: document.querySelector("meta[name=description]")?.content ?? "",
    neighbours: all(".prev-next-area a").map((link) => {
      const title = link.querySelector(".prev-next-title");
      return [link.getAttribute("href"), title ? words(title) : ""];
    }),
    links: all("a[href]").map((link) => link.href),
    resources: performance.getEntriesByType("resource").map((entry) => entry.name),
    moving: document.getAnimations().filter((a) => a.playState === "running").map((a) => name(a.effect.target)),
    code: all("div.highlight pre").filter((pre) => !pre.closest(".highlight").querySelector("button.copybtn") && !pre.closest(".cell_output") && !pre.closest(".viewcode-block")).map(words),
  };
}

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

  // What a box that scrolls shows of its content before anybody scrolls it.
  const beyond = (element) => {
    let box = element.parentElement;
    while (box !== document.body && getComputedStyle(box).overflowX === "visible") box = box.parentElement;
    return element.getBoundingClientRect().right > box.getBoundingClientRect().right + 1;
  };

  // A name goes on in the next line only after what parts its words.
  const torn = (code) => {
    const [range, walker] = [document.createRange(), document.createTreeWalker(code, NodeFilter.SHOW_TEXT)];
    let last = { letter: "", bottom: Infinity };
    while (code.getClientRects().length > 1 && walker.nextNode())
      for (const [place, letter] of [...walker.currentNode.data].entries()) {
        range.setStart(walker.currentNode, place);
        range.setEnd(walker.currentNode, place + 1);
        const { top, bottom } = range.getBoundingClientRect();
        if (top > last.bottom - 2 && /[a-z0-9]{2}/i.test(last.letter + letter)) return true;
        last = { letter, bottom };
      }
    return false;
  };

  // By what one sees that a part is folded: the browser's triangle, a drawing, a letter of the icons' font.
  const mark = (title) => {
    const listed = [title, ...title.children].some((e) => {
      const { display, listStyleType } = getComputedStyle(e);
      return seen(e) && display === "list-item" && listStyleType !== "none";
    });
    const drawn = [...title.querySelectorAll("svg:not(.sd-summary-icon svg)")].some(seen);
    const icon = getComputedStyle(title.querySelector(".toggle-button") ?? title, "::before").content;
    return [listed ? "triangle" : "", drawn ? "drawing" : "", icon === "none" ? "" : icon].join(" ");
  };

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
      sized: image.getAttribute("width") > 0 && image.getAttribute("height") > 0,
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
    cut: all("main article td").filter((cell) => seen(cell) && beyond(cell)).map((cell) => ({
      name: name(cell),
      words: cell.innerText.length,
      report: Boolean(cell.closest(".report")),
      named: Boolean(cell.closest("table").querySelector("tbody td:first-child a")),
    })),
    torn: all("main article table code").filter(torn).map(name),
    overlong: all("main article .highlight pre")
      .filter((pre) => pre.scrollWidth > pre.clientWidth + 1 && !pre.closest(".highlight-text"))
      .map(name),
    uncopied: all("button.copybtn").filter((e) => seen(e) && getComputedStyle(e).opacity < 1).map((e) => name(e.parentElement)),
    marks: [...new Set(all("main article :is(details > summary, .toggle > .admonition-title)").filter(seen).map(mark))],
    bracketed: all("main article p").filter((text) => {
      const source = text.querySelector("a[href*='bibliography.html#']");
      return source && text.textContent.trim().startsWith(`(${source.textContent}`);
    }).map(name),
    moving: document.getAnimations().filter((a) => a.playState === "running").map((a) => name(a.effect.target)),
    code: all("div.highlight pre").filter((pre) => !pre.closest(".highlight").querySelector("button.copybtn") && !pre.closest(".cell_output") && !pre.closest(".viewcode-block")).map(words),
  };
}

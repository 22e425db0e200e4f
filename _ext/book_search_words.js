// Words as the search compares them; a page that a result led to marks them and shows the place.
const bookWords = (() => {
  const ignored = new Set(
    "an and are as at be by can do does for from has how if in into is it may my not of on or so than that the then this to was what when where which why with".split(" "),
  );

  // The same for divide, divides, divided and dividing, and for pad, padded and padding.
  function stem(word) {
    let form = word.toLowerCase().replace(/(?<=\w{2}[^su])s$/, "");
    const cut = form.replace(/(?<=\w{3})(ing|ed)$|(?<=\w{4})ion$/, "");
    if (cut !== form) form = cut.replace(/([bdgmnprt])\1$/, "$1");
    return form.replace(/(?<=\w{3})e$/, "");
  }

  // The words of a text: where each begins and ends, and its stem. Single letters are none.
  const found = (text) =>
    [...text.matchAll(/[\p{L}\p{N}]{2,}/gu)].map(({ 0: word, index }) => ({
      word,
      start: index,
      end: index + word.length,
      stem: stem(word),
    }));

  const asked = (query) => found(query).filter(({ word }) => !ignored.has(word.toLowerCase()));
  const terms = (query) => new Set(asked(query).map((word) => word.stem));

  // Put the words of a text node that belong to the terms into marks; return these.
  function mark(node, terms) {
    const marks = [];
    for (const { start, end, stem } of found(node.data).reverse()) {
      if (!terms.has(stem)) continue;
      const word = node.splitText(start);
      word.splitText(end - start);
      const element = document.createElement("mark");
      element.className = "highlighted";
      element.dataset.stem = stem;
      word.replaceWith(element);
      element.append(word);
      marks.unshift(element);
    }
    return marks;
  }

  function markAll(root, terms) {
    const skip = "script, style, svg, form, .math, .headerlink, .live-figure";
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    const nodes = [];
    while (walker.nextNode()) if (!walker.currentNode.parentElement.closest(skip)) nodes.push(walker.currentNode);
    return nodes.flatMap((node) => mark(node, terms));
  }

  return { found, asked, terms, markAll };
})();

addEventListener("load", async () => {
  const query = new URLSearchParams(location.search).get("q");
  const article = document.querySelector("article.bd-article");
  if (!query || !article || document.getElementById("search-results")) return;
  const marks = bookWords.markAll(article, bookWords.terms(query));
  if (!marks.length) return;

  // The paragraph, in the part that the result named, which holds the most of the words.
  const part = document.getElementById(decodeURIComponent(location.hash.slice(1))) ?? article;
  const within = part.matches("dt") ? part.parentElement : part;
  const after = marks.filter((mark) => within.contains(mark) && !(part.compareDocumentPosition(mark) & 2));
  const block = (mark) => mark.closest("p, li, td, dd, dt, pre, h1, h2, h3, h4") ?? article;
  const wealth = (mark) => new Set([...block(mark).querySelectorAll("mark")].map((m) => m.dataset.stem)).size;
  const best = after.reduce((one, other) => (wealth(other) > wealth(one) ? other : one), after[0] ?? marks[0]);
  let place = marks.indexOf(best);

  function show() {
    const mark = marks[place];
    for (let box = mark.closest("details"); box; box = box.parentElement.closest("details")) box.open = true;
    mark.closest(".toggle-hidden")?.querySelector(".toggle-button")?.click();
    marks.forEach((other) => other.classList.toggle("current", other === mark));
    mark.scrollIntoView({ block: "center" });
    bar.querySelector("span").textContent = `${place + 1} of ${marks.length}`;
  }

  const bar = document.createElement("div");
  bar.className = "found-bar";
  bar.role = "group";
  bar.ariaLabel = "Words that were searched for";
  bar.innerHTML = '<span role="status"></span><button type="button">Next</button><button type="button">Hide marks</button>';
  const [next, hide] = bar.querySelectorAll("button");
  next.addEventListener("click", () => {
    place = (place + 1) % marks.length;
    show();
  });
  hide.addEventListener("click", () => {
    marks.forEach((mark) => mark.replaceWith(...mark.childNodes));
    bar.remove();
  });
  article.append(bar);
  await window.MathJax?.startup?.promise; // formulas move what is below them
  show();
});

// The search: ranks the parts of the book's pages and quotes the sentence that was looked for.
(() => {
  const ORDER = ["sheet", "chapter", "reference", "term", "test", "name"]; // where no title says it
  const box = document.getElementById("search-results");
  const say = box.querySelector(".search-summary");
  const asked = new URLSearchParams(location.search).get("q")?.trim() ?? "";
  const query = completed(asked);
  const terms = bookWords.terms(query);
  const stems = (text) => bookWords.found(text).map((word) => word.stem);
  const has = (words) => [...terms].filter((term) => words.includes(term)).length;
  const squeeze = (text) => {
    const words = [...text.matchAll(/[\p{L}\p{N}]+/gu)].map(([word]) => stems(word)[0] ?? word.toLowerCase());
    return ` ${words.join(" ")} `;
  };
  const phrase = squeeze(query);

  // The query, its unknown words replaced by the book's most frequent words that begin so.
  function completed(query) {
    const known = new Map();
    for (const { parts } of BOOK_PAGES)
      for (const { word, stem } of bookWords.found(parts.flat().join(" "))) {
        known.set(stem, { word, stem, times: (known.get(stem)?.times ?? 0) + 1 });
      }
    const often = [...known.values()].sort((one, other) => other.times - one.times);
    return bookWords.asked(query).reduceRight((text, { word, stem, start, end }) => {
      const better = known.has(stem) ? null : often.find((other) => other.stem.startsWith(stem));
      return better ? text.slice(0, start) + better.word + text.slice(end) : text;
    }, query);
  }

  // A part's sentences; those of a table know the names of their row and column.
  const sentences = (text) =>
    text.split("\n").flatMap((line) => {
      const [said, names = ""] = line.split("\t").reverse();
      const [row, column] = names.split("\v");
      const all = said.split(/(?<=[.?!][)”’]?) (?=[\p{Lu}\d“(])/u);
      return all.map((said, i) => ({ said, row, column: i ? "" : column, before: all[i - 1], after: all[i + 1] }));
    });
  const capital = (text) => text.replace(/^[a-z]{2}/, (first) => first[0].toUpperCase() + first[1]);
  const whole = ({ said, row }) => (row ? `${row}: ${said}` : said);

  // How well a part fits: the smaller comes first, number by number.
  function rank(page, [, title, text]) {
    const inTitle = stems(title);
    const inText = stems(text);
    const all = has([...inTitle, ...inText]);
    if (!all) return null;
    const named = has(inTitle);
    const kind = ORDER.indexOf(page.kind);
    const term = page.kind === "term" && named && all === terms.size;
    const exact = page.kind === "name" && /[_A-Z]/.test(query) && title === query;
    const titled = term || exact || (kind < 3 && named === terms.size);
    const together = Math.max(0, ...sentences(text).map((one) => has(stems(whole(one)))));
    return [
      terms.size - all,
      exact || term ? 0 : titled ? 1 : 2,
      titled ? bookWords.terms(title).size - named : kind,
      squeeze(text).includes(phrase) ? 0 : 1,
      terms.size - together,
      terms.size - named,
      kind,
      -inText.filter((word) => terms.has(word)).length,
    ];
  }

  function compare(one, other) {
    const place = one.rank.findIndex((value, i) => value !== other.rank[i]);
    return place < 0 ? 0 : one.rank[place] - other.rank[place];
  }

  // The sentence with the most of the words, with its neighbours if it is short; of a row named so, all.
  function excerpt(page, text) {
    const all = sentences(text || page.parts[0][2]);
    const worth = (one) =>
      8 * has(stems(whole(one))) +
      4 * (squeeze(whole(one)).includes(phrase) ? 1 : 0) +
      (4 * has(stems(one.row))) / (stems(one.row).length + 1) +
      2 * (/[.?!][)”’]?$/.test(one.said) ? 1 : 0) +
      Math.min(one.said.length, 60) / 60;
    const best = all.slice(0, page.kind === "name" ? 1 : undefined).reduce((a, b) => (worth(b) > worth(a) ? b : a));
    const { row, before, after } = best;
    if (row && has(stems(row))) {
      const cell = ({ said, column }) => (column ? `${capital(column)}: ${said}` : said).replace(/[\p{L}\p{N}]$/u, "$&.");
      const cells = all.filter((one) => one.row === row).map(cell);
      return `${row}. ${cells.join(" ")}`;
    }
    let said = whole(best);
    if (after && said.length + after.length < 220) said += ` ${after}`;
    if (before && !row && said.length < 80) said = `${before} ${said}`;
    return said;
  }

  const element = (name, className, ...content) => {
    const made = document.createElement(name);
    made.className = className;
    made.append(...content);
    return made;
  };

  const link = (page, title, place = "", marks = `?q=${encodeURIComponent(query)}`) => {
    const made = element("a", "", title);
    made.href = `${page.url}${marks}${place && `#${place}`}`;
    return made;
  };

  function result({ page, parts }) {
    const [[place, title, text], ...others] = parts.map(({ part }) => part);
    const item = element("li", "", link(page, title, place));
    if (title !== page.title) item.append(element("span", "where", page.title));
    item.append(element("p", "context", excerpt(page, text)));
    const links = others.slice(0, 4).flatMap(([place, title], i) => [i ? " · " : "", link(page, title, place)]);
    if (links.length) item.append(element("p", "also", "Also: ", ...links));
    return item;
  }

  // Each page with its parts that hold all words; if there is none, with most of them.
  function search() {
    const found = BOOK_PAGES.map((page) => {
      const parts = page.parts.map((part) => ({ part, rank: rank(page, part) })).filter(({ rank }) => rank);
      return { page, parts: parts.sort(compare) };
    });
    const least = Math.min(...found.flatMap(({ parts }) => parts.map(({ rank }) => rank[0])));
    for (const one of found) one.parts = one.parts.filter(({ rank }) => rank[0] === least);
    return found.filter(({ parts }) => parts.length).sort((one, other) => compare(one.parts[0], other.parts[0]));
  }

  const page = (name) => BOOK_PAGES.find(({ url }) => url.endsWith(`/${name}.html`));
  const field = document.querySelector(".bd-search-container form.bd-search input");
  field.value = asked;
  if (!query) field.focus();
  if (!query) return;
  if (!terms.size) {
    const notation = link(page("notation"), "Notation", "", "");
    return say.replaceChildren(`“${query}” holds no word to search for. Symbols stand on the page `, notation, ".");
  }
  const found = search();
  const words = `“${bookWords.asked(query).map(({ word }) => word).join(" ")}”`;
  const pages = `${found.length} ${found.length === 1 ? "page has" : "pages have"}`;
  if (found.length) say.textContent = `${pages} something on ${words}.`;
  else say.replaceChildren(`No page has anything on ${words}. Try another word, or look into the `, link(page("glossary"), "glossary", "", ""), ".");
  box.querySelector("ul").replaceChildren(...found.map(result));
  for (const text of box.querySelectorAll(".context")) bookWords.markAll(text, terms);
})();

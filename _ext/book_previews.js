// Shows what a link leads to, beside the link: while a pointer rests on it, while it has the focus, or at the first
// touch; a second touch follows the link. Escape takes it away. Without this script the links are links.
{
  const root = new URL(".", document.currentScript.src).href; // of the files; the book is one above
  const book = new URL("..", root).href;
  const REST = 250, LINGER = 200; // milliseconds
  const card = Object.assign(document.createElement("div"), { className: "preview", id: "preview", popover: "manual" });
  card.setAttribute("role", "tooltip");
  let link = null, timer = 0, data = null;

  const load = (source) =>
    new Promise((resolve, reject) => {
      const script = Object.assign(document.createElement("script"), { src: source, onload: resolve, onerror: reject });
      document.head.append(script);
    });
  const previews = async () => {
    data ??= load(`${root}book_previews_data.js`);
    await data;
    return window.bookPreviews;
  };
  const setFormulas = async (mathjax) => {
    if (!card.querySelector(".math")) return;
    if (!window.MathJax?.startup) {
      window.MathJax = { ...mathjax, startup: { typeset: false } };
      await load(`${root}mathjax/startup.js`);
    }
    await window.MathJax.startup.promise;
    await window.MathJax.typesetPromise([card]);
  };
  const place = () => {
    const lines = [...link.getClientRects()];
    const [first, last] = [lines[0], lines.at(-1)];
    if (last.bottom < 0 || first.top > innerHeight) return hide();
    const { offsetWidth: width, offsetHeight: height } = card;
    const left = Math.max(8, Math.min(last.left, document.documentElement.clientWidth - width - 8));
    const below = last.bottom + height + 12 < innerHeight || first.top < height + 12;
    Object.assign(card.style, {
      left: `${left}px`,
      top: `${below ? last.bottom + 6 : first.top - height - 6}px`,
    });
  };
  const hide = () => {
    clearTimeout(timer);
    link?.removeAttribute("aria-describedby");
    link = null;
    if (card.matches(":popover-open")) card.hidePopover();
  };
  const show = async (next) => {
    hide();
    link = next;
    const all = await previews();
    const found = all.previews[next.href.replace(book, "")];
    if (link !== next || !found) return;
    const [title, html] = found;
    card.innerHTML = `${title ? `<p class="preview-title">${title}</p>` : ""}<div>${html}</div>`;
    await setFormulas(all.mathjax);
    if (link !== next) return;
    if (!card.isConnected) document.body.append(card);
    card.showPopover();
    place();
    next.setAttribute("aria-describedby", card.id);
  };
  const soon = (action, delay) => {
    clearTimeout(timer);
    timer = setTimeout(action, delay);
  };
  const linkOf = (event) => event.target.closest?.('.bd-article a.internal[href*="#"], .bd-article a.internal *')
    ?.closest("a");
  const leads = (candidate) => candidate && new URL(candidate.href).hash.length > 1;

  addEventListener("pointerover", (event) => {
    if (event.pointerType === "touch") return;
    const over = linkOf(event);
    if (leads(over)) over === link ? clearTimeout(timer) : soon(() => show(over), REST);
    else if (event.target.closest?.(".preview")) clearTimeout(timer);
    else if (link) soon(hide, LINGER);
    else clearTimeout(timer);
  });
  addEventListener("focusin", (event) => {
    const over = linkOf(event);
    if (leads(over) && over.matches(":focus-visible")) show(over);
  });
  addEventListener("focusout", () => link && soon(hide, LINGER));
  addEventListener("keydown", (event) => event.key === "Escape" && hide());
  addEventListener("scroll", () => card.matches(":popover-open") && place(), { passive: true });
  addEventListener("click", async (event) => {
    const over = linkOf(event);
    if (event.pointerType !== "touch" || !leads(over) || over === link) return hide();
    event.preventDefault();
    await show(over);
    if (!card.matches(":popover-open")) location.assign(over.href); // there is no preview
  });
}

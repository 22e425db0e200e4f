// Marks one piece of text of each look that no mark has yet: the others have its contrast.
() => {
  // A formula's glyphs go: they are elements without text, hidden from those who hear its MathML.
  for (const glyphs of document.querySelectorAll("mjx-math")) glyphs.replaceChildren();
  const nothing = ["rgba(0, 0, 0, 0)", "none", "1"];
  const grounds = new Map([[null, []]]);
  const ground = (element) => {
    if (!grounds.has(element)) {
      const { backgroundColor, backgroundImage, opacity } = getComputedStyle(element);
      const own = [backgroundColor, backgroundImage, opacity].filter((value) => !nothing.includes(value));
      grounds.set(element, [...own, ...ground(element.parentElement)]);
    }
    return grounds.get(element);
  };
  const look = (element) => {
    const { color, fontSize, fontWeight } = getComputedStyle(element);
    return [color, fontSize, fontWeight, ...ground(element)].join();
  };
  const met = new Set([...document.querySelectorAll("[data-look]")].map(look));
  for (const element of document.querySelectorAll("body *:not(math *)")) {
    const text = [...element.childNodes].find((node) => node.nodeType === 3 && node.data.trim());
    if (!text || !element.checkVisibility() || met.has(look(element))) continue;
    met.add(look(element));
    const mark = document.createElement("span");
    mark.dataset.look = "";
    text.replaceWith(mark);
    mark.append(text);
  }
}

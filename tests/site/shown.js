// What the live figure shows, once its controls stand as wanted. Each is moved as a reader would, one by one.
async (wanted) => {
  const figure = document.querySelector(".live-figure");
  const settled = async () => {
    await figure.view.runAsync();
    await new Promise((done) => setTimeout(done)); // then the words follow
  };
  for (const [name, value] of Object.entries(wanted ?? {})) {
    const control = figure.querySelector("form").elements[name];
    control.value = value;
    const moved = control.length ? [...control].find((radio) => radio.checked) : control;
    moved.dispatchEvent(new Event("input", { bubbles: true }));
    await settled();
  }
  await settled();
  const drawn = (item) =>
    [...(item.items ?? [])].flatMap((part) => (item.name?.startsWith("part_") ? [part.datum] : drawn(part)));
  const texts = (name) => [...figure.querySelectorAll(`[class*="${name}_"] text`)].map((e) => e.textContent);
  return {
    signals: ["choice", "T", "N"].map((name) => figure.view.signal(name)),
    terms: drawn(figure.view.scenegraph().root).map(({ term, part, lo, hi, end }) => ({ term, part, lo, hi, end })),
    gates: texts("gate").length,
    verdict: texts("verdict")[0],
    message: texts("message")[0],
    words: figure.querySelector(".live-words").textContent,
  };
}

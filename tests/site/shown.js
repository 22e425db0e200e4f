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
    [...(item.items ?? [])].flatMap((part) => (/^(once|other)_/.test(item.name) ? [[item.name, part.datum]] : drawn(part)));
  const texts = (name) => [...figure.querySelectorAll(`[class*="${name}_"] text`)].map((e) => e.textContent);
  return {
    signals: ["choice", "T"].map((name) => figure.view.signal(name)),
    marks: drawn(figure.view.scenegraph().root).map(([name, { term, power }]) => [name.split("_")[0], term, power]),
    message: texts("message")[0],
    words: figure.querySelector(".live-words").textContent,
  };
}

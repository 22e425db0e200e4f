// Figures that the reader changes: when a control moves, Vega draws the picture again.
(() => {
  const script = document.currentScript;
  let library;

  function load() {
    library ??= new Promise((done, failed) => {
      const element = document.createElement("script");
      element.src = new URL(script.dataset.vega, script.src);
      element.onload = done;
      element.onerror = failed;
      document.head.append(element);
    });
    return library;
  }

  async function start(figure) {
    await load();
    const form = figure.querySelector("form");
    const picture = figure.querySelector(".live-picture");
    const spec = JSON.parse(figure.querySelector("script").textContent);
    const options = { mode: "vega", renderer: "svg", actions: false, defaultStyle: false, hover: false, tooltip: false };
    const { view } = await vegaEmbed(picture, spec, options);

    // The picture's own words from top to bottom, read out when it has changed.
    function say() {
      const top = (element) => element.getBoundingClientRect().top;
      const words = (name) =>
        [...picture.querySelectorAll(`[class*="${name}_"] text`)]
          .sort((one, other) => top(one) - top(other))
          .map((element) => element.textContent)
          .join(", ");
      figure.querySelector(".live-words").textContent =
        `${words("message")}. Powers, from the last term to the first: ${words("power")}. ${words("verdict")}.`;
    }

    async function change({ target }) {
      const number = target.type === "range";
      if (number) target.closest(".live-range").querySelector("span").textContent = target.value;
      await view.signal(target.name, number ? Number(target.value) : target.value).runAsync();
      say();
    }

    form.addEventListener("input", change);
    form.addEventListener("submit", (event) => event.preventDefault());
    form.hidden = false;
    figure.view = view;
  }

  const near = new IntersectionObserver(
    (entries) => {
      for (const { isIntersecting, target } of entries) {
        if (!isIntersecting) continue;
        near.unobserve(target);
        start(target);
      }
    },
    { rootMargin: "300px" },
  );
  document.querySelectorAll(".live-figure").forEach((figure) => near.observe(figure));
})();

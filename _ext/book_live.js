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
    const alt = picture.getAttribute("aria-label");
    const { view } = await vegaEmbed(picture, spec, options);

    function name(words) { // Vega gives the picture a name of its own
      picture.removeAttribute("aria-roledescription");
      picture.setAttribute("role", "img");
      picture.setAttribute("aria-label", words);
    }

    // The picture's own message, read out when it has changed; the picture is named by it from then on.
    function say() {
      const message = picture.querySelector('[class*="message_"] text').textContent;
      figure.querySelector(".live-words").textContent = `${message}.`;
      name(`${message}.`);
    }
    name(alt);

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

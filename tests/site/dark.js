// What has not the page's own colours. The page is shown in the dark.
() => {
  const all = (selector) => [...document.querySelectorAll(`article ${selector}`)];
  const words = (e) => `${e.tagName.toLowerCase()} "${e.textContent.trim().replace(/\s+/g, " ").slice(0, 60)}"`;
  const style = (element) => getComputedStyle(element);
  const main = document.querySelector("article") ?? document.body;
  const ink = style(main).color;
  const link = document.createElement("a");
  link.href = "#";
  main.append(link);
  const blue = style(link).color;
  link.remove();
  const kinds = {
    "other ink": all(":is(td, th, td p, th p)").filter((e) => style(e).color !== ink),
    "other links": all(":is(td, th) a[href]").filter((e) => style(e).color !== blue),
    "other ground": all("details > :not(summary, .cell_input, .cell_output)").filter((e) => style(e).backgroundColor !== "rgba(0, 0, 0, 0)"),
    "a frame": all("img").filter((e) => style(e).padding !== "0px"),
  };
  return Object.entries(kinds).flatMap(([kind, found]) => found.slice(0, 3).map((e) => `${kind}: ${words(e)}`));
}

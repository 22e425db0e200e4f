// The links, buttons and folded parts of which nothing shows that they have the focus. A key was pressed before.
() => {
  const parts = [...document.querySelectorAll("a[href], button, summary, input, [tabindex='0']")];
  const numbers = (color) => color.match(/[\d.]+/g).map(Number);
  const light = (color) => {
    const [r, g, b] = numbers(color).map((part) => (part / 255 <= 0.04045 ? part / 3294.6 : ((part / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05;
  };
  const ground = (element) => {
    for (let box = element; box; box = box.parentElement) {
      const color = getComputedStyle(box).backgroundColor;
      if (numbers(color)[3] !== 0) return color;
    }
    return "rgb(255, 255, 255)";
  };
  const ringed = (part) => {
    const { outlineStyle, outlineWidth, outlineColor, opacity } = getComputedStyle(part);
    if (outlineStyle === "none" || opacity < 1) return false;
    const [one, other] = [light(outlineColor), light(ground(part.parentElement))];
    const contrast = Math.max(one, other) / Math.min(one, other);
    return outlineStyle === "auto" || (parseFloat(outlineWidth) >= 2 && contrast >= 3);
  };
  const faults = [];
  for (const part of parts.filter((part) => part.checkVisibility({ visibilityProperty: true }))) {
    part.focus({ preventScroll: true });
    if (document.activeElement === part && !ringed(part)) faults.push(part.outerHTML.slice(0, 100));
  }
  document.activeElement.blur();
  return faults;
}

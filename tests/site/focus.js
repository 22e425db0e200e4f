// The links, buttons and folded parts of which nothing shows that they have the focus. A key was pressed before.
() => {
  const parts = [...document.querySelectorAll("a[href], button, summary, input, [tabindex='0']")];
  const look = (element) => {
    const style = getComputedStyle(element);
    return [style.outlineStyle, style.outlineWidth, style.boxShadow, style.borderColor].join();
  };
  const faults = [];
  for (const part of parts.filter((part) => part.checkVisibility({ visibilityProperty: true }))) {
    part.blur();
    const before = look(part);
    part.focus({ preventScroll: true });
    if (document.activeElement !== part) continue;
    const style = getComputedStyle(part);
    const outlined = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1;
    if (!outlined && look(part) === before) faults.push(part.outerHTML.slice(0, 100));
  }
  document.activeElement.blur();
  return faults;
}

// How the text of a page is set: its faces, and the letters of each full line of plain text.
() => {
  const family = (element) => getComputedStyle(element).fontFamily
  const parts = [".bd-article p", "h1", "h2", ".bd-article td", ".bd-sidebar-primary a", ".bd-sidebar-secondary a"]
  const shown = parts.map((part) => document.querySelector(part)).filter(Boolean)
  const range = document.createRange()
  const letters = (paragraph) => {
    const lines = [], texts = document.createTreeWalker(paragraph, NodeFilter.SHOW_TEXT)
    for (let text; (text = texts.nextNode()); )
      for (let at = 0; at < text.length; at++) {
        range.setStart(text, at)
        range.setEnd(text, at + 1)
        const { bottom } = range.getBoundingClientRect(), last = lines.at(-1)
        if (last && Math.abs(last.bottom - bottom) < 8) last.letters++
        else lines.push({ bottom, letters: 1 })
      }
    return lines.slice(0, -1).map((line) => line.letters) // the last is not full
  }
  return {
    other: shown.filter((part) => !family(part).startsWith('"Divide Serif"')).map((part) => part.tagName),
    loaded: [...document.fonts]
      .filter((face) => face.family.includes("Divide Serif") && face.status === "loaded")
      .map((face) => (face.style === "italic" ? "italic" : face.weight === "600 900" ? "bold" : "upright")),
    lines: [...document.querySelectorAll(".bd-article section > p")]
      .filter((paragraph) => !paragraph.querySelector("mjx-container, code, a"))
      .flatMap(letters),
  }
}

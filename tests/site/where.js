// What the figure with ÷N on lines shows as it stands.
() => {
  const figure = document.querySelector('.where-figure')
  const all = (selector) => [...figure.querySelectorAll(selector)]
  const text = (selector) => figure.querySelector(selector).textContent
  const bars = all('.where-bar').map(({ style }) => [parseFloat(style.left), parseFloat(style.width)])
  return {
    marks: Object.fromEntries(
      all('.where-mark').filter((b) => b.textContent).map((b) => [b.dataset.line, b.textContent])),
    kinds: Object.fromEntries(
      all('[data-half]').map((half) => [half.dataset.half, half.getAttribute('class').split('where-').at(-1)])),
    unequal: all('.where-unequal').map((node) => node.dataset.sum).sort(),
    signs: all('[data-sum]').filter((node) => node.textContent === '≠').map((node) => node.dataset.sum).sort(),
    powers: all('.where-power').map((node) => node.textContent).slice(0, -2),
    bars,
    verdict: text('.where-verdict'),
    right: !!figure.querySelector('.where-verdict.where-right'),
    sum: text('.where-sum'),
    N: text('output'),
    step: all('.where-step[aria-pressed="true"]').map((node) => node.dataset.step),
    named: all('.where-named [aria-pressed="true"]').map((node) => node.textContent),
    words: text('.where-words'),
  }
}

// The figure in which the reader puts ÷N on lines. `picture` says the same as picture.py.
(() => {
  const superscript = (n) => (n === 1 ? "" : [...String(n)].map((digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[digit]).join(""));
  const factor = (k) => (k ? "1/N" + superscript(k) : "1");
  const divided = (name, k) => (k ? `${name}/N${superscript(k)}` : name);
  const powersOf = (parts) => Object.keys(parts).map(Number).sort((a, b) => a - b);
  const same = (one, other) => String(one) === String(other);
  const rangeOf = (powers) => {
    const [low, high] = [powers[0], powers.at(-1)];
    return low === high ? factor(low) : `${factor(low)} … ${factor(high)}`;
  };
  const kind = (powers) =>
    powers.length > 1 ? "mixed" : powers[0] === 0 ? "whole" : powers[0] === 1 ? "once" : "more";

  function plus(one, other) {
    const sum = { ...one };
    for (const [k, size] of Object.entries(other)) sum[k] = (sum[k] ?? 0) + size;
    return sum;
  }

  const times = (number, parts) =>
    number ? Object.fromEntries(Object.entries(parts).map(([k, size]) => [k, number * size])) : {};

  function followed({ steps }, marks, injected) {
    const found = {};
    let [p, q, total] = [{}, {}, {}];
    function along(line, parts) {
      const out = {};
      for (const [k, size] of Object.entries(parts)) out[Number(k) + (marks[line] ?? 0)] = size;
      found[line] = [parts, out];
      return out;
    }
    const onLoss = along("loss", { 0: 1 });
    for (let t = injected.length; t > 0; t--) {
      const entering = along(`u${t}`, times(injected[t - 1], onLoss));
      if (t < injected.length) [p, q] = [along(`p${t}`, p), along(`q${t}`, q)];
      const h = plus(entering, p);
      found[`h${t}`] = [h, h];
      const row = steps[t - 1];
      let share;
      [p, q, share] = [0, 1, 2].map((k) => plus(times(row[k], h), times(row[k + 3], q)));
      total = plus(total, along(`w${t}`, share));
    }
    along("end", total);
    return found;
  }

  function verdict(powers, total) {
    if (same(powers, [1])) return "✓ Right: every term meets 1/N exactly once";
    const ratio = total < 0.005 ? "<0.01" : total.toFixed(total < 9.995 ? 2 : 0);
    const once = same(powers, [0]) ? "nothing is divided" : `everything is divided ${powers[0]} times`;
    const again = powers.at(-1) > 1 ? ", another is divided again" : "";
    const several = powers[0] === 0 ? "a part escapes undivided" + again : "a part is divided more than once";
    return `✗ ${ratio} × the true gradient: ${powers.length === 1 ? once : several}`;
  }

  function numbers(parts, N) {
    const texts = powersOf(parts).map((k) => parts[k].toFixed(4) + (k ? `/${N}${superscript(k)}` : ""));
    return texts.length === 1 ? texts[0] : `(${texts.join(" + ")})`;
  }

  function sumAt(step, found, powers, N) {
    const entering = found[`u${step}`][1];
    const back = found[`p${step}`]?.[1];
    if (!back) return `Step ${step} is the last: ${numbers(entering, N)} enters, and nothing comes back.`;
    const value = (parts) => powersOf(parts).reduce((sum, k) => sum + parts[k] / N ** k, 0);
    const total = (value(entering) + value(back)).toFixed(4);
    const [a, forty] = [powers[`u${step}`][1], powers[`p${step}`][1]];
    const text =
      `The hidden state of step ${step} gets what enters and what comes back: ` +
      `${numbers(entering, N)} + ${numbers(back, N)} = ${total}. Called a and 40, that is ${divided("a", a[0])} + `;
    if (!same(a, forty)) {
      const right = forty.length === 1 ? divided("40", forty[0]) : `40 · (${rangeOf(forty)})`;
      return `${text}${right}: no factor after this sum can mend it.`;
    }
    const later = same(a, [0]) ? "and both can be divided later" : "so the sum is divided as both are";
    return `${text}${divided("40", a[0])}: one factor on both, ${later}.`;
  }

  function picture(ways, marks, N, step) {
    const T = ways.injected.length;
    const found = followed(ways, marks, ways.injected);
    const powers = {};
    for (const [line, sides] of Object.entries(found)) powers[line] = sides.map(powersOf);
    const rows = [];
    let start = 0;
    for (let term = T; term > 0; term--) {
      const alone = ways.injected.map((u, k) => (k === term - 1 ? u : 0));
      const parts = followed(ways, marks, alone).end[1];
      const size = powersOf(parts).reduce((sum, k) => sum + parts[k] * N ** (1 - k), 0);
      rows.push({ term, powers: rangeOf(powersOf(parts)), start, size });
      start += size;
    }
    const unequal = [];
    for (let t = T - 1; t > 0; t--) {
      if (!same(powers[`u${t}`][1], powers[`p${t}`][1])) unequal.push(`h${t}`);
      if (!same(powers[`h${t}`][1], powers[`q${t}`][1])) unequal.push(`c${t}`);
    }
    const shares = Object.keys(powers).filter((line) => line.startsWith("w"));
    if (shares.some((line) => !same(powers[line][1], powers.w1[1]))) unequal.push("end");
    return {
      marks: Object.fromEntries(
        Object.entries(marks)
          .filter(([, n]) => n)
          .map(([line, n]) => [line, "÷N" + superscript(n)]),
      ),
      kinds: Object.fromEntries(Object.keys(powers).map((line) => [line, powers[line].map(kind)])),
      unequal,
      rows,
      total: start,
      right: same(powers.end[1], [1]),
      verdict: verdict(powers.end[1], start),
      sum: sumAt(step, found, powers, N),
    };
  }

  function start(figure) {
    const { ways, named, marks, N, step } = JSON.parse(figure.querySelector("script").textContent);
    const state = { marks, N, step };
    const all = (selector) => [...figure.querySelectorAll(selector)];
    const one = (selector) => figure.querySelector(selector);

    function show() {
      const now = picture(ways, state.marks, state.N, state.step);
      for (const button of all(".where-mark")) {
        const { line, name } = button.dataset;
        button.textContent = now.marks[line] ?? "";
        const often = ["not divided", "divided", "divided twice", "divided three times"];
        button.setAttribute("aria-label", `${name}: ${often[state.marks[line] ?? 0]}`);
      }
      for (const half of all("[data-half]")) {
        const [line, side] = half.dataset.half.split(" ");
        half.setAttribute("class", `where-line where-${now.kinds[line][side]}`);
      }
      for (const node of all("[data-sum]")) {
        const wrong = now.unequal.includes(node.dataset.sum);
        node.classList.toggle("where-unequal", wrong);
        node.querySelector("text").textContent = wrong ? "≠" : "+";
      }
      const scale = 100 / Math.max(1, now.total);
      const bar = (element, start, size) => {
        element.style.left = `${start * scale}%`;
        element.style.width = `${size * scale}%`;
      };
      now.rows.forEach((row, k) => {
        one(`.where-row:nth-child(${k + 1}) .where-power`).textContent = row.powers;
        bar(one(`.where-row:nth-child(${k + 1}) .where-bar`), row.start, row.size);
      });
      bar(one(".where-total .where-bar"), 0, now.total);
      bar(one(".where-true .where-bar"), 0, 1);
      one(".where-rows").style.setProperty("--true", 1 / Math.max(1, now.total));
      one(".where-verdict").textContent = now.verdict;
      one(".where-verdict").classList.toggle("where-right", now.right);
      one(".where-sum").textContent = now.sum;
      one("output").textContent = state.N;
      one("[type=range]").value = state.N;
      for (const button of all(".where-named button")) {
        const at = named[button.textContent];
        const lines = new Set([...Object.keys(at), ...Object.keys(state.marks)]);
        const chosen = [...lines].every((line) => (at[line] ?? 0) === (state.marks[line] ?? 0));
        button.setAttribute("aria-pressed", chosen);
      }
      for (const button of all(".where-step"))
        button.setAttribute("aria-pressed", Number(button.dataset.step) === state.step);
      figure.picture = now;
    }

    function say() {
      const powers = figure.picture.rows.map(({ term, powers }) => `term ${term}: ${powers}`).join(", ");
      one(".where-words").textContent = `${figure.picture.verdict}. What arrives: ${powers}. ${figure.picture.sum}`;
    }

    // The address keeps the state: #where=u1.u2.p3x2&N=16&step=3
    function write() {
      const lines = Object.entries(state.marks)
        .filter(([, n]) => n)
        .map(([line, n]) => (n > 1 ? `${line}x${n}` : line));
      history.replaceState(history.state, "", `#where=${lines.join(".")}&N=${state.N}&step=${state.step}`);
    }

    function read() {
      if (!location.hash.startsWith("#where=")) return;
      const given = new URLSearchParams(location.hash.slice(1));
      const drawn = all(".where-mark").map((button) => button.dataset.line);
      const found = given.get("where").split(".").map((part) => part.split("x"));
      state.marks = {};
      for (const [line, n = 1] of found)
        if (drawn.includes(line) && n >= 1 && n <= 3) state.marks[line] = Math.trunc(n);
      const { min, max } = one("[type=range]");
      const [N, step] = [Number(given.get("N")), Number(given.get("step"))];
      if (N >= min && N <= max) state.N = Math.trunc(N);
      if (step >= 1 && step <= ways.injected.length) state.step = Math.trunc(step);
    }

    function change(new_state) {
      Object.assign(state, new_state);
      show();
      write();
      say();
    }

    const mark = (line, n) => change({ marks: { ...state.marks, [line]: n } });
    figure.addEventListener("click", ({ target }) => {
      const button = target.closest("button");
      if (button?.matches(".where-mark")) mark(button.dataset.line, ((state.marks[button.dataset.line] ?? 0) + 1) % 4);
      if (button?.matches(".where-step")) change({ step: Number(button.dataset.step) });
      if (button?.matches(".where-named button")) change({ marks: { ...named[button.textContent] } });
    });
    figure.addEventListener("keydown", (event) => {
      const { line } = event.target.dataset;
      if (!line || !["Delete", "Backspace"].includes(event.key)) return;
      event.preventDefault();
      mark(line, Math.max(0, (state.marks[line] ?? 0) - 1));
    });
    one("[type=range]").addEventListener("input", ({ target }) => change({ N: Number(target.value) }));
    window.addEventListener("hashchange", () => {
      read();
      show();
      say();
    });
    for (const control of all("button, input")) control.disabled = false;
    figure.dataset.live = "";
    figure.show = (...state) => picture(ways, ...state);
    read();
    show();
  }

  document.querySelectorAll(".where-figure:not([data-live])").forEach(start);
})();

// A link to a name opens its entry, also in browsers that leave it folded.
(() => {
  function open() {
    const named = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const entry = named?.closest("details.api");
    if (!entry) return;
    entry.open = true;
    named.scrollIntoView();
  }
  addEventListener("hashchange", open);
  open();
})();

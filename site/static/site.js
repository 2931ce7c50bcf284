// What scrolls sideways can be reached by keyboard; what does not is no stop on the way.
(() => {
  const mark = () => {
    for (const box of document.querySelectorAll("article :is(pre, .table-wrapper, .formula)")) {
      if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
      else box.removeAttribute("tabindex");
    }
  };
  addEventListener("resize", mark);
  document.addEventListener("toggle", mark, true); // a folded block has no width
  document.fonts.ready.then(mark);
})();
// The same place in the other language: both have the same blocks in the same order, so a place is the number of one.
(() => {
  const LINE = 80; // what lies above it is out of sight or nearly so
  const blocks = () => [...document.querySelectorAll("article :is(h1, h2, h3, p, li, pre, table, figure, .cx, summary)")];
  const edges = (block) => block.getBoundingClientRect();
  for (const way of document.querySelectorAll("a.language")) {
    const page = way.getAttribute("href");
    way.addEventListener("click", () => {
      const place = blocks().findIndex((block) => edges(block).bottom > LINE);
      way.href = scrollY > LINE ? `${page}#at-${place}` : page;
    });
  }
  const place = /^#at-(\d+)$/.exec(location.hash);
  if (!place) return;
  addEventListener("load", () => {
    const block = blocks()[place[1]];
    if (block) scrollBy({ top: edges(block).top - LINE, behavior: "instant" });
  });
})();

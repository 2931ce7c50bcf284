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
// The same place in the other language: both have the same blocks in the same order, so a place is the number of one,
// and how much of it lies above the line. A search is the same search.
(() => {
  const LINE = 80; // what lies above it is out of sight or nearly so
  const blocks = () => [...document.querySelectorAll("article :is(h1, h2, h3, p, li, pre, table, figure, .cx, summary)")];
  const place = () => {
    const all = blocks(), number = all.findIndex((block) => block.checkVisibility() && block.getBoundingClientRect().bottom > LINE);
    if (number < 0 || scrollY < LINE) return "";
    const { top, height } = all[number].getBoundingClientRect();
    return `#at-${number}-${Math.round((100 * Math.max(LINE - top, 0)) / height)}`;
  };
  for (const way of document.querySelectorAll("a.language")) {
    const page = way.getAttribute("href") + location.search;
    const aim = () => { way.href = page + ("alike" in way.dataset ? place() : ""); };
    for (const event of ["pointerdown", "keydown", "click"]) way.addEventListener(event, aim);
  }
  const wanted = /^#at-(\d+)-(\d+)$/.exec(location.hash);
  if (!wanted) return;
  addEventListener("load", () => {
    const block = blocks()[wanted[1]];
    if (!block) return;
    const { top, height } = block.getBoundingClientRect();
    scrollBy({ top: top + (height * wanted[2]) / 100 - LINE, behavior: "instant" });
  });
})();

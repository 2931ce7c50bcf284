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

// The top-down way of a pyramid, in numbers. data: levels (fine to coarse), each rows of whole numbers; names.
CX.define("pyramid", (stage, data, CX) => {
  const merged = data.levels.map((level) => level.map((row) => row.slice()));
  for (let k = merged.length - 2; k >= 0; k--)
    merged[k].forEach((row, r) => row.forEach((_, c) => { row[c] += merged[k + 1][r >> 1][c >> 1]; }));
  const n = merged[0].length, most = Math.max(...merged.flat(2));
  let at = [0, 0];
  const said = CX.said();
  const grids = merged.map((level, k) => {
    const side = 8 * 2 ** k, grid = CX.cells(level.length, level.length, { side, label: data.names[k], paint: (v) => CX.shade(0.8 * v / most), write: String });
    grid.fill(level);
    const mark = CX.box([0, 0, side, side], { stroke: "var(--cx-accent)", "stroke-width": 1.6 });
    grid.svg.append(mark);
    return { ...grid, side, mark };
  });
  const fine = grids[0].svg;
  CX.set(fine, { tabindex: 0, role: "application", "aria-label": CX.say("{level}; arrow keys choose a cell", { level: data.names[0] }) });
  const choose = (r, c) => {
    at = [CX.clamp(r, 0, n - 1), CX.clamp(c, 0, n - 1)];
    CX.soon(draw);
  };
  const go = (event) => {
    const place = new DOMPoint(event.clientX, event.clientY).matrixTransform(fine.getScreenCTM().inverse());
    choose(Math.floor(place.y / grids[0].side), Math.floor(place.x / grids[0].side));
  };
  fine.addEventListener("pointermove", go);
  fine.addEventListener("pointerdown", go);
  fine.addEventListener("keydown", (event) => {
    const way = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
    if (!way) return;
    event.preventDefault();
    choose(at[0] + way[0], at[1] + way[1]);
  });

  function draw() {
    const own = data.levels.map((level, k) => level[at[0] >> k][at[1] >> k]);
    grids.forEach(({ side, mark }, k) => CX.box([(at[1] >> k) * side, (at[0] >> k) * side, ((at[1] >> k) + 1) * side, ((at[0] >> k) + 1) * side], {}, mark));
    const sum = `${own.join(" + ")} = ${merged[0][at[0]][at[1]]}`;
    said.textContent = CX.say("Row {row}, column {column}: {sum}, from the fine level up to the coarse one.", { row: at[0], column: at[1], sum });
  }
  stage.append(CX.make("div", { class: "cx-row" }, ...grids.map((grid, k) => CX.panel(data.names[k], grid.svg))), said);
  draw();
});

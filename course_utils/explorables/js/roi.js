// A box in motion over a map, read by RoIPool and by RoIAlign. data: map (rows of numbers 0 to 1), stride, box (pixels), bins.
CX.define("roi", (stage, data, CX) => {
  const { map, stride, bins } = data, rows = map.length, columns = map[0].length;
  const wide = columns * stride, tall = rows * stride;
  let box = data.box.slice();

  const ground = CX.make("svg", { viewBox: `${-stride / 2} ${-stride / 2} ${wide} ${tall}`, role: "img", "aria-label": CX.say("A map with a box on it") });
  map.forEach((row, r) => row.forEach((value, c) => ground.append(CX.make("rect", {
    x: (c - 0.5) * stride, y: (r - 0.5) * stride, width: stride, height: stride, fill: CX.shade(value), stroke: "#fff", "stroke-width": 0.5 }))));
  const snapped = CX.box(box, { stroke: "var(--cx-accent)", "stroke-width": 2.5, "stroke-dasharray": "6 4" });
  const dots = Array.from({ length: (2 * bins) ** 2 }, () => CX.make("circle", { r: stride / 9, fill: "#111" }));
  const frame = CX.box(box, { stroke: "#111", "stroke-width": 2.5, fill: "rgba(255,255,255,.001)" });
  ground.append(snapped, ...dots, frame);
  const looks = (label) => ({ side: 40, label, paint: CX.shade, write: (v) => v.toFixed(2) });
  const pooled = CX.cells(bins, bins, looks(CX.say("What RoIPool reads"))), aligned = CX.cells(bins, bins, looks(CX.say("What RoIAlign reads")));
  const said = CX.said();

  const cell = (r, c) => map[CX.clamp(r, 0, rows - 1)][CX.clamp(c, 0, columns - 1)];
  // Bilinear: the four cells around a point, each by the area of the opposite rectangle.
  const at = (y, x) => {
    const [r, c] = [Math.floor(y), Math.floor(x)], [v, u] = [y - r, x - c];
    return (1 - v) * ((1 - u) * cell(r, c) + u * cell(r, c + 1)) + v * ((1 - u) * cell(r + 1, c) + u * cell(r + 1, c + 1));
  };

  function draw() {
    CX.box(box, {}, frame);
    const [x1, y1, x2, y2] = box.map((side) => side / stride), whole = box.map((side) => Math.round(side / stride));
    // RoIPool counts its last cell in; a cell reaches half a cell to both sides of its number.
    CX.box([whole[0] - 0.5, whole[1] - 0.5, whole[2] + 0.5, whole[3] + 0.5].map((edge) => edge * stride), {}, snapped);
    const [w, h] = [whole[2] - whole[0] + 1, whole[3] - whole[1] + 1], range = [...Array(bins).keys()];
    pooled.fill(range.map((i) => range.map((j) => {
      let most = -Infinity;
      for (let r = whole[1] + Math.floor(i * h / bins); r < whole[1] + Math.ceil((i + 1) * h / bins); r++)
        for (let c = whole[0] + Math.floor(j * w / bins); c < whole[0] + Math.ceil((j + 1) * w / bins); c++) most = Math.max(most, cell(r, c));
      return most;
    })));
    const place = (from, to, k) => from + (to - from) * (k + 0.5) / (2 * bins);
    dots.forEach((dot, k) => CX.set(dot, {
      cx: place(x1, x2, k % (2 * bins)) * stride, cy: place(y1, y2, Math.floor(k / (2 * bins))) * stride }));
    aligned.fill(range.map((i) => range.map((j) => [0, 1, 2, 3].reduce((sum, k) =>
      sum + at(place(y1, y2, 2 * i + (k >> 1)), place(x1, x2, 2 * j + (k & 1))) / 4, 0))));
    said.textContent = CX.say("The box begins {cells} cells from the left; RoIPool takes it for {whole}.", { cells: x1.toFixed(2), whole: whole[0] });
  }
  const move = (dx, dy) => {
    dx = CX.clamp(dx, -box[0], wide - stride - box[2]);
    dy = CX.clamp(dy, -box[1], tall - stride - box[3]);
    box = [box[0] + dx, box[1] + dy, box[2] + dx, box[3] + dy];
    CX.soon(draw);
  };
  CX.draggable(frame, ground, CX.say("Box"), 1, move);
  stage.append(CX.make("div", { class: "cx-row" }, CX.panel(CX.say("Drag the box (arrow keys: one pixel)"), ground),
    CX.panel(CX.say("RoIPool: the highest of its cells"), pooled.svg), CX.panel(CX.say("RoIAlign: the mean of four points"), aligned.svg)), said);
  draw();
});

// Non-maximum suppression with a threshold to move. data: photo, size, boxes (best first), truths, start.
CX.define("nms", (stage, data, CX) => {
  const [width, height] = data.size;
  const picture = CX.ground(data.photo, width, height, CX.say("A plate with the boxes that are kept"));
  for (const truth of data.truths) picture.append(CX.box(truth, { stroke: "#fff", "stroke-width": 2, "stroke-dasharray": "5 4" }));
  const rects = data.boxes.map((box) => CX.box(box, { "stroke-width": 1.6 }));
  picture.append(...rects.slice().reverse());
  const said = CX.said();
  const slider = CX.slider(CX.say("threshold"), { min: 0, max: 1, step: 0.01, value: data.start, say: (v) => v.toFixed(2) }, draw);

  function draw() {
    const kept = [];
    data.boxes.forEach((box, k) => {
      const stays = kept.every((other) => CX.iou(box, other) <= slider.value);
      if (stays) kept.push(box);
      CX.set(rects[k], { stroke: stays ? "var(--cx-good)" : "var(--cx-accent)", opacity: stays ? 1 : 0.18 });
    });
    const found = data.truths.filter((truth) => kept.some((box) => CX.iou(box, truth) >= 0.5)).length;
    said.textContent = CX.say("{kept} of {boxes} boxes are kept; {found} of {pieces} pieces have a box that overlaps them by half or more.", {
      kept: kept.length, boxes: data.boxes.length, found, pieces: data.truths.length });
  }
  stage.append(CX.make("div", { class: "cx-row" }, picture), slider.row, said);
  draw();
});

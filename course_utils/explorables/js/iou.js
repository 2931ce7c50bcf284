// Two boxes on squared paper, or a mask and its copy, to be dragged. data: mask (rows of 0 and 1), side of the paper.
CX.define("iou", (stage, data, CX) => {
  const side = 12, [W, H] = [16, 12];
  const paper = CX.make("svg", { viewBox: `0 0 ${W * side} ${H * side}`, role: "img", "aria-label": CX.say("Two shapes on squared paper") });
  const said = CX.said();
  let mode = "boxes", shapes, drawn;

  const boxShape = (x, y) => ({ x, y, w: 6, h: 4 });
  const maskPath = (shape) => data.mask.map((row, r) => row.map((on, c) => on ? `M${c} ${r}h1v1h-1z` : "").join("")).join("");
  const scale = () => mode === "boxes" ? side : (H * side) / (2 * data.mask.length);

  function build() {
    paper.replaceChildren();
    for (let k = 0; k <= W; k++) paper.append(CX.make("line", { x1: k * side, x2: k * side, y1: 0, y2: H * side, stroke: "var(--cx-muted)", "stroke-width": 0.25 }));
    for (let k = 0; k <= H; k++) paper.append(CX.make("line", { y1: k * side, y2: k * side, x1: 0, x2: W * side, stroke: "var(--cx-muted)", "stroke-width": 0.25 }));
    const [a, b] = mode === "boxes" ? [boxShape(3, 3), boxShape(5, 4)] : [0, 1].map((k) => ({ x: 8 + 4 * k, y: 6 + 3 * k, w: data.mask[0].length, h: data.mask.length }));
    shapes = [a, b];
    drawn = shapes.map((shape, k) => {
      const looks = { fill: ["var(--cx-cold)", "var(--cx-accent)"][k], "fill-opacity": 0.45, stroke: ["var(--cx-cold)", "var(--cx-accent)"][k], "stroke-width": mode === "boxes" ? 1.2 / side : 0 };
      const element = mode === "boxes" ? CX.make("rect", { width: shape.w, height: shape.h, ...looks }) : CX.make("path", { d: maskPath(), ...looks });
      CX.draggable(element, paper, [CX.say("Blue shape"), CX.say("Orange shape")][k], scale() * (mode === "boxes" ? 0.25 : 1), (dx, dy) => {
        shape.x = CX.clamp(shape.x + dx / scale(), 0, W * side / scale() - shape.w);
        shape.y = CX.clamp(shape.y + dy / scale(), 0, H * side / scale() - shape.h);
        CX.soon(draw);
      });
      paper.append(element);
      return element;
    });
    draw();
  }

  function draw() {
    const s = scale();
    const at = shapes.map((shape) => mode === "boxes" ? shape : { ...shape, x: Math.round(shape.x), y: Math.round(shape.y) });
    drawn.forEach((element, k) => CX.set(element, { transform: `scale(${s}) translate(${at[k].x} ${at[k].y})` }));
    let shared = 0, either = 0;
    if (mode === "boxes") {
      const [a, b] = at.map((o) => [o.x, o.y, o.x + o.w, o.y + o.h]);
      shared = Math.max(0, Math.min(a[2], b[2]) - Math.max(a[0], b[0])) * Math.max(0, Math.min(a[3], b[3]) - Math.max(a[1], b[1]));
      either = 48 - shared;
    } else {
      const [dx, dy] = [at[1].x - at[0].x, at[1].y - at[0].y];
      let area = 0;
      data.mask.forEach((row, r) => row.forEach((on, c) => {
        area += on;
        shared += on && data.mask[r - dy]?.[c - dx] ? 1 : 0;
      }));
      either = 2 * area - shared;
    }
    const iou = (shared / either).toFixed(2);
    said.textContent = mode === "boxes"
      ? CX.say("Shared: {shared} squares. In at least one: {either} squares. IoU {iou}.", { shared: shared.toFixed(1), either: either.toFixed(1), iou })
      : CX.say("Shared: {shared} pixels. In at least one: {either} pixels. IoU {iou}.", { shared, either, iou });
  }
  const boxes = CX.say("boxes");
  stage.append(CX.choice([boxes, CX.say("masks")], boxes, (name) => { mode = name === boxes ? "boxes" : "masks"; build(); }), CX.make("div", { class: "cx-row" }, paper), said);
  paper.style.maxWidth = "30em";
  build();
});

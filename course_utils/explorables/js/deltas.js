// A box moved by its four deltas, or dragged. data: photo, size, roi.
CX.define("deltas", (stage, data, CX) => {
  const [width, height] = data.size, [x1, y1, x2, y2] = data.roi;
  const [w, h, cx, cy] = [x2 - x1, y2 - y1, (x1 + x2) / 2, (y1 + y2) / 2];
  const picture = CX.ground(data.photo, width, height, CX.say("A plate with a dashed box and the box that the deltas make of it"));
  const box = CX.box(data.roi, { stroke: "var(--cx-accent)", "stroke-width": 3, fill: "rgba(255,255,255,.001)" });
  picture.append(
    CX.box(data.roi, { stroke: "#fff", "stroke-width": 4 }),
    CX.box(data.roi, { stroke: "#111", "stroke-width": 2, "stroke-dasharray": "6 4" }), box);
  const said = CX.said();
  const options = { min: -1, max: 1, step: 0.01, value: 0, say: (v) => v.toFixed(2) };
  const sliders = ["dx", "dy", "dw", "dh"].map((name) => CX.slider(name, options, draw));

  function draw() {
    const [dx, dy, dw, dh] = sliders.map((slider) => slider.value);
    const [X, Y, W, H] = [cx + dx * w, cy + dy * h, w * Math.exp(dw), h * Math.exp(dh)];
    CX.box([X - W / 2, Y - H / 2, X + W / 2, Y + H / 2], {}, box);
    said.textContent = CX.say("Moved by {right} and {down} pixels, {wide} times as wide, {high} times as high.", {
      right: (dx * w).toFixed(0), down: (dy * h).toFixed(0), wide: Math.exp(dw).toFixed(2), high: Math.exp(dh).toFixed(2) });
  }
  const nudge = (slider, by) => {
    slider.input.value = CX.clamp(slider.value + by, -1, 1);
    slider.input.dispatchEvent(new Event("input"));
  };
  CX.draggable(box, picture, CX.say("Box"), 0.01 * w, (dx, dy) => {
    nudge(sliders[0], dx / w);
    nudge(sliders[1], dy / h);
  });
  stage.append(CX.make("div", { class: "cx-row" }, picture, CX.make("div", {}, ...sliders.map((slider) => slider.row), said)));
  draw();
});

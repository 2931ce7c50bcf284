// The receptive field, layer by layer. data: photo, size, layers ([name, side in pixels, step in pixels]).
CX.define("field", (stage, data, CX) => {
  const [width, height] = data.size, middle = [width / 2, height / 2];
  const picture = CX.ground(data.photo, width, height, CX.say("A plate with the square that one cell sees"));
  const square = CX.box([0, 0, 1, 1], { stroke: "var(--cx-accent)", "stroke-width": 3, fill: "rgba(213,94,0,.15)" });
  picture.append(square);
  const tall = 14, all = data.layers.length, cone = CX.make("svg", { viewBox: `0 0 ${width} ${tall * (all + 1)}`, role: "img", "aria-label": CX.say("The cone of pixels below a cell, layer by layer") });
  const bars = data.layers.map(([, side], k) => CX.make("rect", { y: tall * k, height: tall - 3, x: middle[0] - Math.min(side, width) / 2, width: Math.min(side, width) }));
  cone.append(...bars);
  const said = CX.said();
  const slider = CX.slider(CX.say("layer"), { min: 0, max: all - 1, step: 1, value: 0, say: (k) => data.layers[k][0] }, draw);

  function draw() {
    const [name, side, step] = data.layers[slider.value];
    CX.box([middle[0] - side / 2, middle[1] - side / 2, middle[0] + side / 2, middle[1] + side / 2], {}, square);
    bars.forEach((bar, k) => CX.set(bar, { fill: k <= slider.value ? "var(--cx-accent)" : "var(--cx-muted)", opacity: k <= slider.value ? 0.9 : 0.3 }));
    const share = Math.min(side, width) * Math.min(side, height) / (width * height);
    said.textContent = CX.say("A cell of {name} sees {side} x {side} pixels, {share} % of this photo; its neighbour sees the same, {step} pixels on.", {
      name, side, share: Math.round(100 * share), step });
  }
  stage.append(CX.make("div", { class: "cx-row" }, CX.panel(CX.say("What one cell sees"), picture), CX.panel(CX.say("The cone, layer by layer"), cone)), slider.row, said);
  draw();
});

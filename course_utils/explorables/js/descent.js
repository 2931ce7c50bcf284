// Gradient descent with two weights. data: x (middles of a histogram), no and yes (shares of patches in it that are none and that are food), start [weight, bias], rate, steps.
CX.define("descent", (stage, data, CX) => {
  const { x, no, yes } = data, left = -2, right = 6, low = -7, high = 3, N = 60, side = 320;
  const across = (w) => (w - left) / (right - left) * side, down = (b) => (high - b) / (high - low) * side;
  const softplus = (z) => (z > 30 ? z : Math.log1p(Math.exp(z)));
  const loss = (w, b) => x.reduce((sum, v, k) => sum + yes[k] * softplus(-w * v - b) + no[k] * softplus(w * v + b), 0);

  const map = CX.make("svg", { viewBox: `0 0 ${side} ${side}`, role: "img", "aria-label": CX.say("The loss over weight (to the right) and bias (upwards): darker is higher") });
  const cell = side / N, values = [];
  for (let r = 0; r < N; r++) for (let c = 0; c < N; c++) {
    values.push(loss(left + (c + 0.5) / N * (right - left), high - (r + 0.5) / N * (high - low)));
  }
  const least = Math.min(...values), most = Math.max(...values);
  values.forEach((value, k) => {
    // In bands, as on a map with contour lines; they lie closer near the bottom.
    const band = Math.floor(14 * Math.sqrt((value - least) / (most - least)));
    const grey = 255 - 12 * band;
    map.append(CX.make("rect", { x: (k % N) * cell, y: Math.floor(k / N) * cell, width: cell + 0.3, height: cell + 0.3, fill: `rgb(${grey},${grey},${grey})` }));
  });
  const way = CX.make("polyline", { fill: "none", stroke: "var(--cx-accent)", "stroke-width": 1.6 });
  const dots = CX.make("g", { fill: "var(--cx-accent)" });
  for (let k = 0; k <= data.steps; k++) dots.append(CX.make("circle", { r: 2.6 }));
  const begin = CX.make("circle", { r: 8, fill: "#222", stroke: "white", "stroke-width": 1.5 });
  const end = CX.make("circle", { r: 6, fill: "var(--cx-good)" });
  map.append(way, dots, end, begin);

  const said = CX.said();
  let at = data.start.slice();
  const slider = CX.slider(CX.say("learning rate"), { min: -1.5, max: 1.5, step: 0.05, value: Math.log10(data.rate), say: (v) => (10 ** v).toPrecision(2) }, draw);

  function draw() {
    const rate = 10 ** slider.value, path = [at];
    for (let k = 0; k < data.steps; k++) {
      const [w, b] = path[k];
      let ofWeight = 0, ofBias = 0;
      x.forEach((v, i) => {
        const p = 1 / (1 + Math.exp(-w * v - b)), error = p * no[i] - (1 - p) * yes[i];
        ofWeight += error * v;
        ofBias += error;
      });
      path.push([w - rate * ofWeight, b - rate * ofBias]);
    }
    const places = path.map(([w, b]) => [across(w), down(b)]);
    CX.set(way, { points: places.map((place) => place.map((v) => v.toFixed(1)).join(",")).join(" ") });
    places.forEach(([cx, cy], k) => CX.set(dots.children[k], { cx, cy }));
    CX.set(begin, { cx: places[0][0], cy: places[0][1] });
    CX.set(end, { cx: places[data.steps][0], cy: places[data.steps][1] });
    const [first, last] = [path[0], path[data.steps]].map(([w, b]) => loss(w, b).toFixed(2));
    said.textContent = CX.say("Rate {rate}: from loss {first} (black) to {last} (green) in {steps} steps. The lowest on this map is {least}.", {
      rate: rate.toPrecision(2), first, last, steps: data.steps, least: least.toFixed(2) });
  }
  CX.draggable(begin, map, CX.say("Start"), side / 40, (dx, dy) => {
    at = [CX.clamp(at[0] + dx / side * (right - left), left, right), CX.clamp(at[1] - dy / side * (high - low), low, high)];
    CX.soon(draw);
  });
  stage.append(CX.make("div", { class: "cx-row" }, CX.panel(CX.say("Weight to the right, bias upwards; drag the black point"), map)), slider.row, said);
  draw();
});

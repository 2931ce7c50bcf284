// The plate's diameter, the scale, and the kilocalories. data: photo, size, rim [x1, x2, y], truth (cm), rows ([cm, kcal, low, high]), start.
CX.define("diameter", (stage, data, CX) => {
  const [width, height] = data.size, [x1, x2, y] = data.rim;
  const picture = CX.ground(data.photo, width, height, CX.say("A plate with a ruler across its rim"));
  const ruler = CX.make("path", { fill: "none", stroke: "#fff", "stroke-width": 5 }), thin = CX.make("path", { fill: "none", stroke: "#111", "stroke-width": 1.8 });
  picture.append(ruler, thin);
  const W = 240, H = 150, most = Math.max(...data.rows.map((row) => row[3]));
  const chart = CX.make("svg", { viewBox: `0 0 ${W} ${H + 16}`, role: "img", "aria-label": CX.say("Kilocalories against the diameter, with the interval") });
  const first = data.rows[0][0], last = data.rows[data.rows.length - 1][0];
  const px = (cm) => (cm - first) / (last - first) * W, py = (kcal) => H - kcal / most * (H - 6);
  const curve = (k) => data.rows.map((row) => `${px(row[0])},${py(row[k])}`);
  chart.append(CX.make("polygon", { points: [...curve(3), ...curve(2).reverse()].join(" "), fill: "var(--cx-cold)", opacity: 0.25 }),
    CX.make("polyline", { points: curve(1).join(" "), fill: "none", stroke: "var(--cx-cold)", "stroke-width": 2 }),
    CX.make("text", { x: 0, y: H + 13 }, `${first} cm`), CX.make("text", { x: W, y: H + 13, "text-anchor": "end" }, `${last} cm`));
  const dot = CX.make("circle", { r: 5, fill: "var(--cx-accent)" });
  chart.append(dot);
  const said = CX.said();
  const slider = CX.slider(CX.say("plate, cm"), { min: 0, max: data.rows.length - 1, step: 1, value: data.start, say: (k) => data.rows[k][0].toFixed(1) }, draw);

  function draw() {
    const [cm, kcal, low, high] = data.rows[slider.value], step = (x2 - x1) / cm;
    const ticks = [...Array(Math.floor(cm) + 1).keys()].map((k) => `M${x1 + k * step} ${y}v${k % 5 ? 5 : 10}`).join("");
    for (const path of [ruler, thin]) CX.set(path, { d: `M${x1} ${y}H${x2}${ticks}` });
    CX.set(dot, { cx: px(cm), cy: py(kcal) });
    const off = cm / data.truth - 1, facts = { kcal, low, high, off: Math.abs(Math.round(100 * off)) };
    if (Math.abs(off) <= 0.001) said.textContent = CX.say("{kcal} kcal, between {low} and {high}; this is the true diameter.", facts);
    else if (off > 0) said.textContent = CX.say("{kcal} kcal, between {low} and {high}; the diameter is {off} % too large.", facts);
    else said.textContent = CX.say("{kcal} kcal, between {low} and {high}; the diameter is {off} % too small.", facts);
  }
  stage.append(CX.make("div", { class: "cx-row" }, picture, chart), slider.row, said);
  draw();
});

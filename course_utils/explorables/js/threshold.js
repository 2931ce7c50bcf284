// Move a threshold over a histogram; see the mask and, once it is known, Otsu's criterion.
// data: photo; criterion: 255 numbers, 0 to 1, or none; start.
CX.define("threshold", async (stage, data, CX) => {
  const { data: rgba, width, height } = await CX.pixels(data.photo);
  const gray = new Uint8Array(width * height);
  const counts = new Array(256).fill(0);
  for (let i = 0; i < gray.length; i++) counts[gray[i] = rgba[4 * i]]++;
  const below = counts.map((sum => count => sum += count)(0));

  const otsu = data.criterion.length > 0;
  const W = 300, H = 160, most = Math.max(...counts);
  const x = (t) => (t / 255) * W, y = (share) => H - share * (H - 14);
  const chart = CX.make("svg", { viewBox: `0 0 ${W} ${H + 18}`, role: "img", "aria-label": CX.say("Histogram of the grey values, with the threshold") });
  for (let t = 0; t < 256; t += 2) {
    const tall = Math.sqrt((counts[t] + counts[t + 1]) / (2 * most)) * (H - 14);
    chart.append(CX.make("rect", { x: x(t), y: H - tall, width: W / 128 - 0.3, height: tall, fill: "var(--cx-muted)" }));
  }
  if (otsu) {
    const curve = data.criterion.map((share, t) => `${x(t).toFixed(1)},${y(share).toFixed(1)}`).join(" ");
    chart.append(CX.make("polyline", { points: curve, fill: "none", stroke: "var(--cx-cold)", "stroke-width": 2 }));
  }
  const line = CX.make("line", { y1: 0, y2: H, stroke: "var(--cx-accent)", "stroke-width": 2.5 });
  const dot = CX.make("circle", { r: 5, fill: "var(--cx-accent)" });
  chart.append(line, ...(otsu ? [dot] : []), CX.make("text", { x: 0, y: H + 14 }, CX.say("dark")), CX.make("text", { x: W, y: H + 14, "text-anchor": "end" }, CX.say("bright")));

  const picture = CX.make("canvas", { width, height, role: "img", "aria-label": CX.say("The photo") });
  CX.paint(picture, (target) => target.set(rgba));
  const mask = CX.make("canvas", { width, height, role: "img", "aria-label": CX.say("White: brighter than the threshold") });
  const said = CX.said();
  const slider = CX.slider(CX.say("threshold"), { min: 0, max: 254, step: 1, value: data.start }, draw);

  function draw() {
    const t = slider.value;
    CX.paint(mask, (target) => {
      const words = new Uint32Array(target.buffer);
      for (let i = 0; i < gray.length; i++) words[i] = gray[i] > t ? 0xffffffff : 0xff000000;
    });
    CX.set(line, { x1: x(t), x2: x(t) });
    if (otsu) CX.set(dot, { cx: x(t), cy: y(data.criterion[t]) });
    const share = Math.round(100 * (1 - below[t] / gray.length));
    said.textContent = otsu
      ? CX.say("{share} % of the pixels are brighter than {t}; Otsu's criterion is at {height} % of its highest.", { share, t, height: Math.round(100 * data.criterion[t]) })
      : CX.say("{share} % of the pixels are brighter than {t}.", { share, t });
  }
  stage.append(
    CX.make("div", { class: "cx-row" }, CX.panel(CX.say("Grey values"), picture), CX.panel(CX.say("Brighter than the threshold"), mask), CX.panel(otsu ? CX.say("Histogram, and Otsu's criterion (line)") : CX.say("Histogram"), chart)),
    slider.row, said);
  draw();
});

// A score cut-off against counts, precision, recall and F1. data: scores (falling), right (0 or 1), objects, start.
CX.define("cutoff", (stage, data, CX) => {
  const found = [0];
  data.right.forEach((right) => found.push(found[found.length - 1] + right));
  const kept = (cut) => data.scores.filter((score) => score >= cut).length;
  const measure = (cut) => {
    const n = kept(cut), tp = found[n];
    return { tp, fp: n - tp, fn: data.objects - tp, precision: n ? tp / n : 0, recall: tp / data.objects, f1: 2 * tp / (n + data.objects) };
  };
  const chart = CX.unitChart(CX.say("Precision, recall and F1 against the cut-off"), CX.say("score cut-off"), "");
  const lines = { precision: "var(--cx-cold)", recall: "var(--cx-good)", f1: "var(--cx-accent)" };
  const dashes = { precision: "7 3", recall: "2 3", f1: "" };
  const cuts = [...Array(100).keys()].map((k) => k / 100), all = cuts.map(measure);
  for (const [name, colour] of Object.entries(lines)) {
    chart.svg.append(CX.make("polyline", { points: all.map((m, k) => `${chart.x(cuts[k])},${chart.y(m[name])}`).join(" "), fill: "none", stroke: colour, "stroke-width": 2, "stroke-dasharray": dashes[name] }));
  }
  const line = CX.make("line", { y1: chart.y(0), y2: chart.y(1), stroke: "currentColor", "stroke-width": 1 });
  const dots = Object.fromEntries(Object.entries(lines).map(([name, fill]) => [name, CX.make("circle", { r: 4, fill })]));
  chart.svg.append(line, ...Object.values(dots));

  const bars = CX.make("svg", { viewBox: "0 0 240 190", role: "img", "aria-label": CX.say("True positives, false positives and false negatives") });
  const rows = [["tp", CX.say("right (TP)"), "var(--cx-good)"], ["fp", CX.say("false alarms (FP)"), "var(--cx-accent)"], ["fn", CX.say("missed (FN)"), "var(--cx-cold)"]].map(([key, name, fill], k) => {
    const bar = CX.make("rect", { x: 0, y: 24 + 60 * k, height: 22, fill }), text = CX.make("text", { x: 0, y: 18 + 60 * k });
    bars.append(bar, text);
    return { key, name, bar, text };
  });
  const longest = Math.max(...all.flatMap((m) => [m.tp, m.fp, m.fn]), 1);
  const said = CX.said();
  const slider = CX.slider(CX.say("score cut-off"), { min: 0, max: 0.99, step: 0.01, value: data.start, say: (v) => v.toFixed(2) }, draw);

  function draw() {
    const cut = slider.value, now = measure(cut);
    CX.set(line, { x1: chart.x(cut), x2: chart.x(cut) });
    for (const [name, dot] of Object.entries(dots)) CX.set(dot, { cx: chart.x(cut), cy: chart.y(now[name]) });
    for (const { key, name, bar, text } of rows) {
      CX.set(bar, { width: 235 * now[key] / longest });
      text.textContent = `${name}: ${now[key]}`;
    }
    said.textContent = CX.say("Precision {precision} (dashed), recall {recall} (dotted), F1 {f1}.", { precision: now.precision.toFixed(3), recall: now.recall.toFixed(3), f1: now.f1.toFixed(3) });
  }
  stage.append(CX.make("div", { class: "cx-row" }, chart.svg, bars), slider.row, said);
  draw();
});

// The precision-recall curve, built detection by detection. data: scores (falling), right (0 or 1), objects, start.
CX.define("curve", (stage, data, CX) => {
  const n = data.scores.length, chart = CX.unitChart(CX.say("The precision-recall curve so far"), CX.say("recall"), CX.say("precision"));
  const line = CX.make("polyline", { fill: "none", stroke: "var(--cx-muted)", "stroke-width": 1.4 });
  chart.svg.append(line);
  const dots = data.scores.map(() => CX.make("circle", { r: 5 }));
  chart.svg.append(...dots);
  const table = CX.make("table", { style: "border-collapse:collapse;font-variant-numeric:tabular-nums" });
  const columns = [CX.say("rank"), CX.say("score"), "", CX.say("precision"), CX.say("recall")];
  const head = CX.make("tr", {}, ...columns.map((name) => CX.make("th", { scope: "col", style: "padding:0 .5em;text-align:right;white-space:nowrap" }, name)));
  table.append(head);
  const rows = data.scores.map(() => {
    const cells = [...Array(5)].map(() => CX.make("td", { style: "padding:0 .5em;text-align:right;white-space:nowrap" }));
    const row = CX.make("tr", {}, ...cells);
    table.append(row);
    return { row, cells };
  });
  const said = CX.said();
  let right = data.right.slice(), swapped = false;
  const tie = data.scores.findIndex((score, k) => score === data.scores[k + 1] && data.right[k] !== data.right[k + 1]);
  const slider = CX.slider(CX.say("detections seen"), { min: 0, max: n, step: 1, value: data.start }, draw);

  function draw() {
    const seen = slider.value, points = [];
    let found = 0;
    data.scores.forEach((score, k) => {
      found += right[k];
      const on = k < seen, words = [k + 1, score.toFixed(2), right[k] ? CX.say("right") : CX.say("wrong"), on ? `${found}/${k + 1} = ${(found / (k + 1)).toFixed(3)}` : "", on ? `${found}/${data.objects} = ${(found / data.objects).toFixed(3)}` : ""];
      rows[k].cells.forEach((cell, c) => { cell.textContent = words[c]; });
      rows[k].row.style.opacity = on ? 1 : 0.68;
      const [x, y] = [chart.x(found / data.objects), chart.y(found / (k + 1))];
      CX.set(dots[k], { cx: x, cy: y, fill: right[k] ? "var(--cx-good)" : "var(--cx-accent)", opacity: on ? 1 : 0 });
      if (on) points.push(`${x},${y}`);
    });
    CX.set(line, { points: points.join(" ") });
    const hits = right.slice(0, seen).reduce((sum, one) => sum + one, 0);
    said.textContent = seen
      ? CX.say("After {seen}: precision {precision}, recall {recall}.", { seen, precision: (hits / seen).toFixed(3), recall: (hits / data.objects).toFixed(3) })
      : CX.say("Nothing seen yet: no precision, and recall 0.");
  }
  stage.append(CX.make("div", { class: "cx-row" }, chart.svg, CX.make("div", { style: "overflow-x:auto;flex:2 1 320px;max-width:none" }, table)), slider.row);
  const unswapped = CX.say("as they came");
  if (tie >= 0) stage.append(CX.choice([unswapped, CX.say("equal scores swapped")], unswapped, (name) => {
    if ((name !== unswapped) !== swapped) [right[tie], right[tie + 1]] = [right[tie + 1], right[tie]];
    swapped = name !== unswapped;
    draw();
  }));
  stage.append(said);
  draw();
});

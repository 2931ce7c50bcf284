// The precision-recall curve, built detection by detection. data: scores (falling), right (0 or 1), objects, start.
CX.define("curve", (stage, data, CX) => {
  const n = data.scores.length, chart = CX.unitChart("The precision-recall curve so far", "recall", "precision");
  const line = CX.make("polyline", { fill: "none", stroke: "var(--cx-muted)", "stroke-width": 1.4 });
  chart.svg.append(line);
  const dots = data.scores.map(() => CX.make("circle", { r: 5 }));
  chart.svg.append(...dots);
  const table = CX.make("table", { style: "border-collapse:collapse;font-variant-numeric:tabular-nums" });
  const head = CX.make("tr", {}, ...["rank", "score", "", "precision", "recall"].map((name) => CX.make("th", { scope: "col", style: "padding:0 .5em;text-align:right;white-space:nowrap" }, name)));
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
  const slider = CX.slider("detections seen", { min: 0, max: n, step: 1, value: data.start }, draw);

  function draw() {
    const seen = slider.value, points = [];
    let found = 0;
    data.scores.forEach((score, k) => {
      found += right[k];
      const on = k < seen, words = [k + 1, score.toFixed(2), right[k] ? "right" : "wrong", on ? `${found}/${k + 1} = ${(found / (k + 1)).toFixed(3)}` : "", on ? `${found}/${data.objects} = ${(found / data.objects).toFixed(3)}` : ""];
      rows[k].cells.forEach((cell, c) => { cell.textContent = words[c]; });
      rows[k].row.style.opacity = on ? 1 : 0.68;
      const [x, y] = [chart.x(found / data.objects), chart.y(found / (k + 1))];
      CX.set(dots[k], { cx: x, cy: y, fill: right[k] ? "var(--cx-good)" : "var(--cx-accent)", opacity: on ? 1 : 0 });
      if (on) points.push(`${x},${y}`);
    });
    CX.set(line, { points: points.join(" ") });
    const hits = right.slice(0, seen).reduce((sum, one) => sum + one, 0);
    said.textContent = seen ? `After ${seen}: precision ${(hits / seen).toFixed(3)}, recall ${(hits / data.objects).toFixed(3)}.` : "Nothing seen yet: no precision, and recall 0.";
  }
  stage.append(CX.make("div", { class: "cx-row" }, chart.svg, CX.make("div", { style: "overflow-x:auto;flex:2 1 320px;max-width:none" }, table)), slider.row);
  if (tie >= 0) stage.append(CX.choice(["as they came", "equal scores swapped"], "as they came", (name) => {
    if ((name !== "as they came") !== swapped) [right[tie], right[tie + 1]] = [right[tie + 1], right[tie]];
    swapped = name !== "as they came";
    draw();
  }));
  stage.append(said);
  draw();
});

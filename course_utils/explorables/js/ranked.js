// The surest boxes or outlines of a plate, as many as wanted. data: photo, size, shapes (polygons, surest first), scores, names (both may be missing), colours, start, by ("score" or "count").
CX.define("ranked", (stage, data, CX) => {
  const [width, height] = data.size, n = data.shapes.length;
  const picture = CX.ground(data.photo, width, height, CX.say("A plate with the detections that are kept"));
  const drawn = data.shapes.map((points, k) => CX.make("polygon", { points: points.join(" "), fill: "none", stroke: data.colours[k], "stroke-width": 2.2 }));
  picture.append(...drawn.slice().reverse());
  const said = CX.said(), byScore = data.by === "score";
  const options = byScore ? { min: 0, max: 1, step: 0.01, value: data.start, say: (v) => v.toFixed(2) } : { min: 0, max: n, step: 1, value: data.start };
  const slider = CX.slider(byScore ? CX.say("lowest score") : CX.say("how many"), options, draw);

  function draw() {
    const kept = byScore ? data.scores.filter((score) => score >= slider.value).length : slider.value;
    drawn.forEach((shape, k) => { shape.style.display = k < kept ? "" : "none"; });
    said.textContent = kept && data.names.length
      ? CX.say("{kept} of {all}; the last one: {food}, {score}.", { kept, all: n, food: data.names[kept - 1], score: data.scores[kept - 1].toFixed(2) })
      : CX.say("{kept} of {all}.", { kept, all: n });
  }
  stage.append(CX.make("div", { class: "cx-row" }, picture), slider.row, said);
  picture.style.maxWidth = "30em";
  draw();
});

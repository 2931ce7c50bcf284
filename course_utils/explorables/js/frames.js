// A slider through pictures made beforehand, each with its words. data: label, steps ({photo, lines: [{points, colour, dashes}], said}), size, names, start.
CX.define("frames", (stage, data, CX) => {
  const [width, height] = data.size;
  const picture = CX.ground(data.steps[data.start].photo, width, height, data.label);
  const image = picture.firstChild, layer = CX.make("g"), said = CX.said();
  picture.append(layer);
  const slider = CX.slider(data.label, { min: 0, max: data.steps.length - 1, step: 1, value: data.start, say: (k) => data.names[k] }, draw);

  function draw() {
    const step = data.steps[slider.value];
    CX.set(image, { href: step.photo });
    layer.replaceChildren(...step.lines.map(({ points, colour, dashes = "" }) =>
      CX.make("polygon", { points: points.join(" "), fill: "none", stroke: colour, "stroke-width": width / 110, "stroke-dasharray": dashes })));
    said.textContent = step.said;
  }
  stage.append(CX.make("div", { class: "cx-row" }, picture), slider.row, said);
  draw();
});

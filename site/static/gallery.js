// Plates on which outlines, hidden parts, depth order, names and weights can be switched on.
(() => {
  const on = new Set();
  const plates = [...document.querySelectorAll("figure.plate")].map((figure) => ({
    figure,
    stage: figure.querySelector(".plate-stage"),
    pieces: JSON.parse(figure.querySelector("script").textContent),
  }));

  const svg = (tag, attributes, ...children) => {
    const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.append(...children);
    return element;
  };

  // What is written on a piece, in two lines: which it is, and how much of it.
  const words = (piece) => [
    [on.has("order") && `${piece.order}`, on.has("names") && piece.name],
    [on.has("grams") && `${piece.grams} g`, on.has("hidden") && piece.share > 0 && `${piece.share} %`],
  ].map((line) => line.filter(Boolean).join(" ")).filter(Boolean);

  const draw = ({ figure, stage, pieces }) => {
    stage.querySelector("svg")?.remove();
    const { width, height } = figure.dataset;
    const picture = svg("svg", { viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true" });
    for (const piece of pieces) {
      if (on.has("outlines")) picture.append(svg("path", { d: piece.whole, fill: piece.colour, "fill-opacity": 0.18, stroke: piece.colour, "stroke-width": 2 }));
      if (on.has("hidden")) picture.append(svg("path", { d: piece.hidden, class: "plate-hidden", fill: piece.colour, "fill-opacity": 0.5, stroke: "#fff", "stroke-width": 1, "stroke-dasharray": "4 3" }));
    }
    for (const piece of pieces) {
      const lines = words(piece), [x, y] = piece.middle;
      const text = svg("text", { x, y: y - 6 * (lines.length - 1), class: "plate-words" });
      text.append(...lines.map((line, k) => Object.assign(svg("tspan", { x, dy: k ? 12 : 0 }), { textContent: line })));
      picture.append(text);
    }
    stage.append(picture);
  };

  for (const button of document.querySelectorAll(".plate-switches button")) {
    const name = button.dataset.layer;
    button.addEventListener("click", () => {
      if (!on.delete(name)) on.add(name);
      button.setAttribute("aria-pressed", String(on.has(name)));
      plates.forEach(draw);
    });
  }
})();

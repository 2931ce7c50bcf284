// A 3 x 3 kernel slid over a grey picture by hand. data: gray (rows of whole numbers 0 to 255), kernels ([name, rows] each), start [row, column].
CX.define("kernel", (stage, data, CX) => {
  const { gray } = data, rows = gray.length, columns = gray[0].length, kernels = Object.fromEntries(data.kernels), names = data.kernels.map(([name]) => name);
  let kernel = kernels[names[0]].map((row) => row.slice()), at = data.start.slice();
  const paint = (v) => `rgb(${v},${v},${v})`, side = 10;
  const ground = CX.cells(rows, columns, { side, label: CX.say("The picture, with the window of the kernel"), paint });
  ground.fill(gray);
  const frame = CX.make("rect", { width: 3 * side, height: 3 * side, fill: "rgba(213,94,0,.2)", stroke: "var(--cx-accent)", "stroke-width": 2 });
  ground.svg.append(frame);
  const result = CX.cells(rows - 2, columns - 2, { side, label: CX.say("The map that the kernel makes"), paint: CX.shade });
  const mark = CX.make("rect", { width: side, height: side, fill: "none", stroke: "var(--cx-accent)", "stroke-width": 2 });
  result.svg.append(mark);
  const inputs = [...Array(9)].map((_, k) => {
    const label = CX.say("kernel, row {row}, column {column}", { row: Math.floor(k / 3) + 1, column: k % 3 + 1 });
    const input = CX.make("input", { type: "number", step: 1, "aria-label": label, style: "width:3.6em;font:inherit" });
    input.addEventListener("input", () => {
      kernel[Math.floor(k / 3)][k % 3] = +input.value;
      CX.soon(compute);
    });
    return input;
  });
  const pad = CX.make("div", { style: "display:grid;grid-template-columns:repeat(3,auto);gap:4px;width:max-content" }, ...inputs);
  const said = CX.said();
  let map;

  const value = (r, c) => kernel.reduce((sum, row, i) => sum + row.reduce((part, w, j) => part + w * gray[r + i][c + j], 0), 0);
  function compute() {
    map = [...Array(rows - 2).keys()].map((r) => [...Array(columns - 2).keys()].map((c) => value(r, c)));
    const most = Math.max(...map.flat().map(Math.abs), 1);
    result.fill(map.map((row) => row.map((v) => v / most)));
    draw();
  }
  function draw() {
    const [r, c] = at;
    CX.set(frame, { x: c * side, y: r * side });
    CX.set(mark, { x: c * side, y: r * side });
    const terms = kernel.flatMap((row, i) => row.map((w, j) => [w, gray[r + i][c + j]])).filter(([w]) => w);
    said.textContent = `${terms.map(([w, v]) => `${w} x ${v}`).join(" + ") || "0"} = ${map[r][c]}`;
  }
  CX.draggable(frame, ground.svg, CX.say("Window"), side, (dx, dy) => {
    rest = [rest[0] + dy / side, rest[1] + dx / side];
    rest = [CX.clamp(rest[0], 0, rows - 3), CX.clamp(rest[1], 0, columns - 3)];
    at = rest.map(Math.round);
    CX.soon(draw);
  });
  let rest = at.slice();
  const pick = (name) => {
    kernel = kernels[name].map((row) => row.slice());
    kernel.flat().forEach((w, k) => { inputs[k].value = w; });
    compute();
  };
  stage.append(CX.choice(names, names[0], pick), CX.make("div", { class: "cx-row" }, CX.panel(CX.say("The picture"), ground.svg), CX.panel(CX.say("The kernel"), pad), CX.panel(CX.say("The map: blue above 0, orange below"), result.svg)), said);
  pick(names[0]);
});

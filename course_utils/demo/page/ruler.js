// The ruler: two rings on the rim of the plate, moved by mouse, thumb or arrow keys.

import { say } from "./words.js";

const START = [[0.1, 0.5], [0.9, 0.5]];
const STEP = 0.01, SMALL_STEP = 0.002; // of the photo's sides; the small one with Shift
const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export class Ruler {
  // `moved` is called whenever an end comes to rest.
  constructor(stage, line, moved) {
    this.stage = stage;
    this.line = line;
    const names = [say("One end of the plate's rim"), say("Other end of the plate's rim")];
    this.handles = names.map((name, k) => this.#handle(name, k, moved));
    this.hide();
  }

  show(ends = START, touched = false) {
    this.ends = ends.map((end) => [...end]);
    this.touched = touched;
    this.#place(true);
  }

  hide() {
    this.ends = null;
    this.#place(false);
  }

  // Its length as a share of the photo's width; `ratio` is the photo's width by its height.
  share(ratio) {
    const [a, b] = this.ends;
    return Math.hypot(a[0] - b[0], (a[1] - b[1]) / ratio);
  }

  #handle(name, k, moved) {
    const handle = document.createElement("button");
    handle.type = "button";
    handle.className = "handle";
    handle.setAttribute("role", "slider");
    handle.setAttribute("aria-label", name);
    let grip; // from the pointer to the ring's middle, so that it does not jump
    handle.addEventListener("pointerdown", (event) => {
      const box = handle.getBoundingClientRect();
      grip = [box.left + box.width / 2 - event.clientX, box.top + box.height / 2 - event.clientY];
      handle.setPointerCapture(event.pointerId);
    });
    handle.addEventListener("pointermove", (event) => {
      if (!handle.hasPointerCapture(event.pointerId)) return;
      const frame = this.stage.getBoundingClientRect();
      const x = (event.clientX + grip[0] - frame.left) / frame.width;
      this.#move(k, x, (event.clientY + grip[1] - frame.top) / frame.height);
    });
    handle.addEventListener("pointerup", moved);
    handle.addEventListener("keydown", (event) => {
      const way = MOVES[event.key];
      if (!way) return;
      event.preventDefault();
      const step = event.shiftKey ? SMALL_STEP : STEP;
      this.#move(k, this.ends[k][0] + step * way[0], this.ends[k][1] + step * way[1]);
      moved();
    });
    this.stage.append(handle);
    return handle;
  }

  #move(k, x, y) {
    this.ends[k] = [x, y].map((value) => Math.min(1, Math.max(0, value)));
    this.touched = true;
    this.#place(true);
  }

  #place(visible) {
    this.line.style.display = visible ? "" : "none";
    this.handles.forEach((handle, k) => {
      handle.hidden = !visible;
      if (!visible) return;
      const [x, y] = this.ends[k].map((value) => 100 * value);
      handle.style.left = `${x}%`;
      handle.style.top = `${y}%`;
      handle.setAttribute("aria-valuenow", x.toFixed(1));
      const place = { x: x.toFixed(1), y: y.toFixed(1) };
      handle.setAttribute("aria-valuetext", say("{x} % from the left, {y} % from the top", place));
      this.line.setAttribute(`x${k + 1}`, `${x}%`);
      this.line.setAttribute(`y${k + 1}`, `${y}%`);
    });
  }
}

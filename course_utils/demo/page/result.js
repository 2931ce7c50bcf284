// The numbers: the plate's, each piece's, and the truth beside them where it is known.

import { named } from "./layers.js";

const at = (id) => document.getElementById(id);
const round = (value) => value < 10 ? value.toFixed(1) : value.toFixed(0);
const percent = (share) => `${(100 * share).toFixed(0)} %`;

// `note` says what the numbers rest on that nobody has said.
export function showResult(answer, note, mark) {
  const { total, truth, pieces } = answer;
  const some = pieces.length > 0;
  at("result").classList.toggle("no-truth", !truth);
  at("result").classList.toggle("unweighed", !answer.weighed);
  at("total").textContent = some ? `${total.kcal.toFixed(0)} kcal` : "Nothing found";
  at("total").hidden = some && !answer.weighed;
  at("range").textContent = !some || !answer.weighed ? "" : range(answer);
  at("truth").textContent = truth ? comparison(total, truth) : "";
  at("guessed").textContent = note;
  at("grams").textContent = answer.weighed ? round(total.grams) : "";
  at("kcal").textContent = answer.weighed ? round(total.kcal) : "";
  at("known").textContent = truth ? round(truth.kcal) : "";
  drawBar(answer);
  const missed = truth ? truth.pieces.filter((piece, k) => !truth.piece_of.includes(k)) : [];
  at("pieces").replaceChildren(...pieces.map((piece, k) => row(answer, piece, k, mark)), ...missed.map(missedRow));
  at("result").hidden = false;
}

// One sentence for who cannot see the picture.
export function inWords(answer) {
  const hidden = (piece) => piece.hidden ? `, ${percent(piece.hidden_share)} hidden` : "";
  const each = answer.pieces.map((piece) => named(piece) + hidden(piece));
  if (!each.length) return "Photo on which no piece was found.";
  const sum = answer.weighed ? ` Together ${answer.total.kcal.toFixed(0)} kcal.` : "";
  const were = each.length === 1 ? "1 piece was" : `${each.length} pieces were`;
  return `Photo on which ${were} found and outlined: ${each.join("; ")}.${sum}`;
}

function range({ total, promised }) {
  if (!promised) return "No range: it was measured with pieces counted from a score of 0.50.";
  return total.high === null ? "" : `between ${total.low.toFixed(0)} and ${total.high.toFixed(0)} kcal`;
}

function comparison(total, truth) {
  const off = total.kcal / truth.kcal - 1;
  const close = Math.abs(off) < 0.005;
  const said = close ? "within half a percent of it" : `${percent(Math.abs(off))} too ${off > 0 ? "high" : "low"}`;
  const within = total.low <= truth.kcal && truth.kcal <= total.high;
  const where = total.high === null ? "" : `, the truth ${within ? "within" : "outside of"} the range`;
  return `Truth: ${truth.kcal.toFixed(0)} kcal; the estimate is ${said}${where}.`;
}

function drawBar({ total, truth, pieces, weighed }) {
  at("bar").hidden = !pieces.length || !weighed || total.high === null;
  if (at("bar").hidden) return;
  const most = 1.1 * Math.max(total.high, truth?.kcal ?? 0);
  const share = (value) => `${100 * value / most}%`;
  at("likely").style.left = share(total.low);
  at("likely").style.right = share(most - total.high);
  at("guess").style.left = share(total.kcal);
  at("true").hidden = !truth;
  if (truth) at("true").style.left = share(truth.kcal);
}

function row(answer, piece, k, mark) {
  const line = document.createElement("tr");
  line.dataset.piece = k;
  line.tabIndex = 0;
  const cells = addCells(line);
  const dot = document.createElement("span");
  dot.className = "dot";
  dot.style.background = piece.colour;
  const about = answer.weighed && piece.problem || piece.english;
  cells[0].append(dot, named(piece), small(about), small(`score ${piece.score.toFixed(2)}`));
  cells[1].textContent = piece.hidden ? percent(piece.hidden_share) : "";
  if (!piece.problem) {
    cells[2].textContent = round(piece.grams);
    cells[3].textContent = round(piece.kcal);
    if (piece.high !== null) cells[3].append(small(`${round(piece.low)}–${round(piece.high)}`));
  }
  const true_ = answer.truth?.pieces[answer.truth.piece_of[k]];
  if (answer.truth) cells[4].textContent = true_ ? round(true_.kcal) : "no match";
  if (true_ && true_.name !== piece.name) cells[4].append(small(true_.name));
  for (const [event, on] of [["pointerenter", true], ["pointerleave", false], ["focus", true], ["blur", false]]) {
    line.addEventListener(event, () => mark(k, on));
  }
  return line;
}

function missedRow(piece) {
  const line = document.createElement("tr");
  line.className = "missed";
  const cells = addCells(line);
  cells[0].append(piece.name, small("missed"));
  cells[4].textContent = round(piece.kcal);
  return line;
}

function addCells(line) {
  const cells = [0, 1, 2, 3, 4].map(() => line.appendChild(document.createElement("td")));
  cells[4].className = "known";
  return cells;
}

function small(text) {
  return Object.assign(document.createElement("small"), { textContent: text });
}

// The numbers: the plate's, each piece's, and the truth beside them where it is known.

import { named } from "./layers.js";
import { say } from "./words.js";

const at = (id) => document.getElementById(id);
const round = (value) => value < 10 ? value.toFixed(1) : value.toFixed(0);
const percent = (share) => `${(100 * share).toFixed(0)} %`;

// `note` says what the numbers rest on that nobody has said.
export function showResult(answer, note, mark) {
  const { total, truth, pieces } = answer;
  const some = pieces.length > 0;
  at("result").classList.toggle("no-truth", !truth);
  at("result").classList.toggle("unweighed", !answer.weighed);
  at("total").textContent = some ? `${total.kcal.toFixed(0)} kcal` : say("Nothing found");
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
  const count = answer.pieces.length;
  if (!count) return say("Photo on which no piece was found.");
  const pieces = answer.pieces.map((piece) => piece.hidden
    ? say("{name}, {share} hidden", { name: named(piece), share: percent(piece.hidden_share) }) : named(piece)).join("; ");
  const found = count === 1 ? say("Photo on which 1 piece was found and outlined: {pieces}.", { pieces })
    : say("Photo on which {count} pieces were found and outlined: {pieces}.", { count, pieces });
  return answer.weighed ? found + " " + say("Together {kcal} kcal.", { kcal: answer.total.kcal.toFixed(0) }) : found;
}

function range({ total, promised }) {
  if (!promised) return say("No range: it was measured with pieces counted from a score of 0.50.");
  if (total.high === null) return "";
  return say("between {low} and {high} kcal", { low: total.low.toFixed(0), high: total.high.toFixed(0) });
}

function comparison(total, truth) {
  const off = total.kcal / truth.kcal - 1;
  const told = { kcal: truth.kcal.toFixed(0), off: inPercent(off) };
  if (total.high === null) return say("Truth: {kcal} kcal; the estimate is {off}.", told);
  return total.low <= truth.kcal && truth.kcal <= total.high
    ? say("Truth: {kcal} kcal; the estimate is {off}, the truth within the range.", told)
    : say("Truth: {kcal} kcal; the estimate is {off}, the truth outside of the range.", told);
}

function inPercent(off) {
  const share = percent(Math.abs(off));
  if (Math.abs(off) < 0.005) return say("within half a percent of it");
  return off > 0 ? say("{share} too high", { share }) : say("{share} too low", { share });
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
  cells[0].append(dot, named(piece), small(about), small(say("score {score}", { score: piece.score.toFixed(2) })));
  cells[1].textContent = piece.hidden ? percent(piece.hidden_share) : "";
  if (!piece.problem) {
    cells[2].textContent = round(piece.grams);
    cells[3].textContent = round(piece.kcal);
    if (piece.high !== null) cells[3].append(small(`${round(piece.low)}–${round(piece.high)}`));
  }
  const true_ = answer.truth?.pieces[answer.truth.piece_of[k]];
  if (answer.truth) cells[4].textContent = true_ ? round(true_.kcal) : say("no match");
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
  cells[0].append(piece.name, small(say("missed")));
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

# %% [markdown]
# # 12 · Precision, recall and F1
#
# Lesson 11 ended with three counts: found, wrong, missed. Three counts are hard to compare. This lesson makes scores of
# them, the ones in every results table, and shows what such a table may hide.
#
# **You will be able to**
# - read a confusion matrix of detection, and say why one of its cells stays empty;
# - compute precision, recall and F1, and say which question each of them answers;
# - average them over classes as the thesis does, and tell that from two other averages;
# - choose a score cut-off, and know why a number without its cut-off says little.
#
# **Time**: about 75 minutes · **Builds on**: lesson 11 · **You build**: the three scores, counts for each class, their
# average, and the best cut-off.

# %% setup=true
import numpy as np

from course_utils.dataset import load
from course_utils.dataset.classes import CLASSES
from course_utils.exercises.lesson_12 import check
from course_utils.exercises.yours import yours
from course_utils.explorables.cut_off import cut_off
from course_utils.metrics.instances import GroundTruth
from course_utils.metrics.matching import Matching
from course_utils.metrics.simulated import simulate
from course_utils.plots import scores

plates = load("val")

# %% [markdown]
# ## Whom would you hire?
#
# Two assistants look at the same plate and name what they see. One is **cautious** and speaks only when sure. One is
# **eager** and mentions everything that might be something.
#
# As in lesson 11 the detector is simulated: true masks, spoilt at random. Cautious and eager are one and the same
# detector. We keep its detections with a score of at least 0.9, or of at least 0.1. They are matched with what you built in
# lesson 11.


# %%
iou_of, match = yours("mask-iou"), yours("greedy-match")


def found_on(scene):
    """Truth and simulated detections of one plate."""
    seed = [10, scene.id]
    guess = simulate(scene.masks, scene.labels, scene.occlusion_rates, seed)
    return GroundTruth(scene.labels, scene.masks), guess


def taken_on(truth, guess, threshold):
    """For each detection the number of the piece that it finds, or -1."""
    iou = iou_of(guess.regions.masks, truth.regions.masks)
    return match(iou, guess.scores, guess.labels, truth.labels, threshold)


plate = plates[32]
truth, guess = found_on(plate)
kept = [guess.select(guess.scores >= cutoff) for cutoff in (0.9, 0.1)]
taken = [taken_on(truth, some, 0.5) for some in kept]
judged = [Matching.of(each, len(truth), 0.5) for each in taken]
scores.cutoffs_on_plate(plate, kept, judged, ["Cautious", "Eager"])

# %% [markdown]
# Whom would you hire to count calories for a diabetic? Whom to check that no plate leaves the kitchen empty? And whom,
# if you must say one number for "how good"? There is no answer without asking *which mistake costs more*. Keep yours in mind:
# three sections on, a formula gives its own.

# %% [markdown]
# ## The confusion matrix of detection
#
# Let us look at all mistakes first. Here is the whole validation split, at IoU 0.5 and a score of at least 0.5. This
# once we match without regard to the labels, so that each detection can say something wrong about a piece.
#
# The table has a row for what is there, a column for what was said, and one of each for **nothing** (a
# detection that took no piece, a piece that no detection took). Before you run the
# cell: where in the table are the FP, where the FN, and where the mix-ups? And what belongs into the last cell of the
# last row?

# %%
everything = [found_on(scene) for scene in plates]
NOTHING = 0
table = np.zeros((len(CLASSES) + 1, len(CLASSES) + 1), dtype=int)
for truth, guess in everything:
    sure = guess.select(guess.scores >= 0.5)
    iou = iou_of(sure.regions.masks, truth.regions.masks)
    all_alike = np.zeros(len(sure), int), np.zeros(len(truth), int)  # the same label for all
    truth_of = match(iou, sure.scores, *all_alike, 0.5)
    for said, piece in zip(sure.labels, truth_of):
        table[truth.labels[piece] if piece >= 0 else NOTHING, said] += 1
    for piece in set(range(len(truth))) - set(truth_of):
        table[truth.labels[piece], NOTHING] += 1
scores.confusion_matrix(table)

# %% [markdown]
# Green is right. The last column holds pieces that no detection took, the last row detections that took no piece: some
# lie where there is nothing, most here are *duplicates*, second detections of a piece. All other cells are mix-ups, and each of them is *two* mistakes: a missed cireng that is also a wrong bakwan.
#
# The question mark would be the **true negatives** (TN): nothing there, and nothing said. How many are there? One for
# every outline that could have been drawn and rightly was not, and a photo of 320 by 320 pixels has $2^{102400}$ masks.
# So the deck's confusion matrix has three entries, not four, and whatever needs TN has no meaning here: accuracy,
# specificity, the ROC curve. You have met the same trap in lesson 01, where the many pixels without food made a program
# that finds nothing look best.

# %% [markdown]
# ## Two questions
#
# With TP, FP and FN two fair questions can be asked. The deck's section *Metrik evaluasi instance segmentation*
# (metrics for instance segmentation) begins with them:
#
# - **Precision**: which share of all *predictions* is right? $\quad \mathrm{Precision} = \dfrac{TP}{TP + FP}$
# - **Recall**: which share of all *pieces that are there* was found? $\quad \mathrm{Recall} = \dfrac{TP}{TP + FN}$
#
# Same numerator, two denominators. Before you run the next cell: which of the two did our eager assistant do better in
# than the cautious one?

# %%
scores.two_questions(judged, ["Cautious", "Eager"])

# %% [markdown]
# The cautious one is never wrong and overlooks half. The eager one is wrong more often and overlooks little.
#
# ### Exercise: precision and recall
#
# What is the precision of a detector that says nothing at all? 0 of 0 are right: the score has **no value**. Programs
# must print something, and scikit-learn lets you choose what (`zero_division`). Here it shall be 0.


# %% exercise="precision-recall"
def precision_recall(tp, fp, fn):
    """Precision and recall from three whole numbers; 0 where there is nothing to divide by."""
    # BEGIN SOLUTION
    said, there = tp + fp, tp + fn
    return tp / said if said else 0.0, tp / there if there else 0.0
    # END SOLUTION


# %% check="precision-recall"
check("precision-recall", precision_recall)

# %%
both = yours("precision-recall", precision_recall)
for name, m in zip(("cautious", "eager"), judged):
    tp, fp, fn = len(m.true_positives), len(m.false_positives), len(m.false_negatives)
    p, r = both(tp, fp, fn)
    print(f"{name:8} precision {p:.2f}, recall {r:.2f}")

# %% [markdown]
# ## One number: F1
#
# Suppose there are fifty tahu, and a program reports a single one of them, and is right. Its precision is 1, its recall 0.02.
# What should its overall score be?
#
# The ordinary, **arithmetic** mean would give it about one half. That is absurd: it is useless. So the deck, like
# everybody, takes the **harmonic** mean (*rata-rata harmonik*), and calls it the **F1 score**:
#
# $$ F_1 = 2 \cdot \frac{\mathrm{precision} \cdot \mathrm{recall}}{\mathrm{precision} + \mathrm{recall}} $$
#
# Why this mean? Turn the two scores over. 1/precision is how many detections there are for each right one, 1/recall how many
# pieces. Their ordinary mean, turned over again, is F1: whoever needs fifty pieces to find one is charged for fifty.
#
# Here are both means, for every precision and recall. As on a map with contour lines, all points of a line have the same mean.
# The orange dot is our program. Which line is nearest to it on the left, and which on the right?

# %%
scores.two_means()

# %% [markdown]
# On the left the dot lies on the line of one half, on the right below that of 0.1.
# The lines of the harmonic mean never reach the axes. It stays close to the *smaller* of the two, so nobody gets a good
# F1 with one of them alone.
#
# ### Exercise: F1
#
# Write the formula, and mind the detector that is never right.


# %% exercise="f1-score"
def f1_score(precision, recall):
    """Harmonic mean of two numbers from 0 to 1; 0 when both are 0."""
    # BEGIN SOLUTION
    if precision == 0 or recall == 0:
        return 0.0
    return 2 / (1 / precision + 1 / recall)
    # END SOLUTION


# %% check="f1-score"
check("f1-score", f1_score)

# %% [markdown]
# What does the program get that knew one tahu of fifty? And which of the two assistants is better?

# %%
harmonic = yours("f1-score", f1_score)
print(f"one tahu of fifty: F1 {harmonic(1, 0.02):.2f}")
for name, m in zip(("cautious", "eager"), judged):
    tp, fp, fn = len(m.true_positives), len(m.false_positives), len(m.false_negatives)
    p, r = both(tp, fp, fn)
    f2, f_half = ((1 + b * b) * p * r / (b * b * p + r) for b in (2, 0.5))
    print(f"{name:8} F1 {harmonic(p, r):.2f}   F2 {f2:.2f}   F0.5 {f_half:.2f}")

# %% [markdown]
# Besides F1 the cell shows its two neighbours, and with them the answer to the question at the beginning:
#
# $$ F_\beta = (1 + \beta^2) \cdot \frac{\mathrm{precision} \cdot \mathrm{recall}}{\beta^2 \cdot \mathrm{precision} + \mathrm{recall}} $$
#
# counts recall $\beta$ times as much as precision (van Rijsbergen, 1979). For the diabetic a piece that is overlooked costs more:
# F2, and the eager assistant. In the kitchen a plate passes as full if the program sees food where there is none: F0.5, and the
# cautious one.

# %% [markdown]
# Put the two fractions into the formula, and precision and recall disappear:
#
# $$ F_1 = \frac{2\,TP}{2\,TP + FP + FN} $$
#
# Do you know it? With pixels instead of pieces it is the *Dice coefficient*, and $TP / (TP + FP + FN)$ would be the
# IoU. The same idea, once inside a piece and once among the pieces.

# %% [markdown]
# ## Class by class
#
# A single number for all food hides who is good at what. So count each class by itself. From now on labels matter
# again: a cireng that is called bakwan is an FN of cireng and an FP of bakwan.
#
# One more rule comes up in real data sets. Some truths are **ignored**: nobody has to find them, and whoever does is
# neither praised nor blamed. COCO ignores crowds ("many people, not outlined one by one"). Our plates have candidates,
# too:

# %%
for scene in plates:
    for piece in scene.instances:
        if piece.occlusion_rate > 0.95:
            print(f"{scene.file_name}: a {piece.name}, {piece.occlusion_rate:.0%} hidden")

# %% [markdown]
# Would you blame a network for not finding those? You decide *before* you measure, and you write it down.
#
# ### Exercise: counts of each class
#
# You get the detections of a plate in falling order of score, and for each the number of the truth that it fits
# (enough, and with the right label), or -1. Two detections may fit the same truth; you know what that means. An ignored
# truth can be found once, too: the first detection of it does not count, every later one is a duplicate, hence an FP, for
# a piece that is reported twice is eaten twice in every sum of calories. (COCO is milder. Any number of detections may hit a crowd,
# and when pieces are ignored for their size, a duplicate is ignored as well if its own size is out of range.)


# %% exercise="count-per-class"
def count_per_class(labels, fits, truth_labels, ignored, classes):
    """TP, FP and FN of each class, as (classes, 3).

    labels: (D,) of each detection, the surest first, from 0; fits: (D,) the truth that
    each one fits, or -1; truth_labels: (G,); ignored: (G,) of bool, truths nobody has to
    find; classes: how many there are. D and G may be 0.
    """
    # BEGIN SOLUTION
    counts, taken = np.zeros((classes, 3), dtype=int), set()
    for label, truth in zip(labels, fits):
        if truth == -1 or truth in taken:
            counts[label, 1] += 1
            continue
        taken.add(truth)
        counts[label, 0] += not ignored[truth]
    for truth, label in enumerate(truth_labels):
        counts[label, 2] += truth not in taken and not ignored[truth]
    return counts
    # END SOLUTION


# %% check="count-per-class"
check("count-per-class", count_per_class)

# %% [markdown]
# Here are the six foods of the validation split, at the thesis's IoU of 0.85, with pieces ignored that are hidden to more than
# 95 %. Before you run the cell, look back at the confusion matrix: which food will have the lowest recall, and which
# the lowest precision?

# %%
count = yours("count-per-class", count_per_class)
fits = [taken_on(truth, guess, 0.85) for truth, guess in everything]
unseen = [scene.occlusion_rates > 0.95 for scene in plates]


def counts_from(cutoff):
    """TP, FP and FN of each food on each plate, (plates, 6, 3), scores from a cut-off on."""
    each = []
    for (truth, guess), fit, ignored in zip(everything, fits, unseen):
        order = np.argsort(-guess.scores, kind="stable")
        order = order[guess.scores[order] >= cutoff]
        labels = guess.labels[order] - 1
        each.append(count(labels, fit[order], truth.labels - 1, ignored, len(CLASSES)))
    return np.array(each)


# %%
counts = counts_from(0.5)
foods = counts.sum(axis=0)
named = [both(*(int(n) for n in row)) for row in foods]
print("           TP  FP  FN   precision  recall    F1")
for name, (tp, fp, fn), (p, r) in zip(CLASSES, foods, named):
    f = harmonic(p, r)
    print(f"{name:8} {tp:4d}{fp:4d}{fn:4d} {p:11.2f} {r:7.2f} {f:5.2f}")
scores.per_class(*np.transpose(named))

# %% [markdown]
# Bakwan (a vegetable fritter) and cireng (a tapioca fritter) belong together: what the one loses in recall, for being
# taken for the other, the other pays in precision.

# %% [markdown]
# ## Which average?
#
# The thesis reports one precision, one recall and one F1: *rata-rata seluruh kelas*, the average over all classes. That
# is the **macro** average: every class weighs the same, however often it occurs. It sounds innocent, but three steps
# can be taken in several orders: adding up plates, dividing, averaging.
#
# ### Exercise: the macro average
#
# Add up the plates first, then divide, then average over the classes. F1 is a score of a class like the other two, so
# it is averaged like them. A score without a value counts as 0: all rows of a table are then means over the same classes, and
# a detector gains nothing by never naming a food. (The next lesson's average precision leaves a class out, but only one of which
# there is no piece at all, and so for every detector alike.)


# %% exercise="macro-scores"
def macro_scores(counts):
    """Precision, recall and F1, averaged over the classes: three numbers.

    counts: (plates, classes, 3) of whole numbers, TP, FP and FN. A score without a
    value counts as 0, also of a class without any counts.
    """
    # BEGIN SOLUTION
    each = []
    for tp, fp, fn in counts.sum(axis=0):
        f1_of_class = 2 * tp / max(2 * tp + fp + fn, 1)
        each.append((tp / max(tp + fp, 1), tp / max(tp + fn, 1), f1_of_class))
    return np.mean(each, axis=0)
    # END SOLUTION


# %% check="macro-scores"
check("macro-scores", macro_scores)

# %% [markdown]
# Does the order really matter? Here are three averages of the very same detections, as they are all found in papers:
# over the classes (macro), over the plates, and none at all: all counts in one pot (**micro**). Your function makes all
# three: plates and classes change places, or all foods become one class.

# %%
macro = yours("macro-scores", macro_scores)
one_class = counts.sum(axis=1, keepdims=True)
pots = {"classes (macro)": counts, "plates": counts.swapaxes(0, 1), "nothing (micro)": one_class}
print("averaged over     precision  recall     F1")
for name, pot in pots.items():
    p, r, f = macro(pot)
    print(f"{name:16} {p:10.3f} {r:7.3f} {f:6.3f}")

# %% [markdown]
# Our foods occur about equally often, so macro and micro nearly agree here. Averaging over plates gives another recall and
# another F1: a plate with one piece weighs as much as one with eight. None is wrong; not saying which one it is, is.
#
# ### A riddle in the thesis
#
# Here are two rows of the results table of the thesis (Aditama, 2022; ResNet-101-FPN). Any mean of two numbers lies
# between them. Before you run the cell: what do you notice in the second row?

# %%
reported = {  # precision, recall, F1
    "occluded, IoU 0.90": (0.697, 0.718, 0.706),
    "non-occluded, IoU 0.90": (0.967, 0.971, 0.966),
}
for name, (p, r, f) in reported.items():
    print(f"{name:23} precision {p} recall {r} F1 {f}", end="   ")
    print(f"harmonic mean of the two: {harmonic(p, r):.3f}")

# %% [markdown]
# An F1 *below* both precision and recall? A slip of the pen? No: it tells us how the table was made. Take two classes,
# one found with precision 1 and recall one half, the other the other way round:

# %%
two_classes = np.array([[[5, 0, 5], [10, 10, 0]]])  # TP, FP, FN
for tp, fp, fn in two_classes[0].tolist():
    p, r = both(tp, fp, fn)
    print(f"a class:  precision {p:.2f} recall {r:.2f} F1 {harmonic(p, r):.2f}")
p, r, f = macro(two_classes)
print(f"averages: precision {p:.2f} recall {r:.2f} F1 {f:.2f}")

# %% [markdown]
# Each class has its F1 *between* its two scores, but the average of the F1 can lie below both averages. The row fits a
# table in which F1 was computed class by class and then averaged, as you did above, and the deck says as much: its
# scores are averages over all classes. You have just read a method out of three numbers.

# %% [markdown]
# ## Moving the cut-off
#
# Cautious and eager were one detector with two score cut-offs. Now let the cut-off run, for all foods in one pot and at
# IoU 0.85. Before you look: which of the three curves rises, which falls, and which does neither?

# %%
score, found, pieces = [], [], 0
for (_, guess), fit, ignored in zip(everything, fits, unseen):
    counts_at_all = np.array([piece < 0 or not ignored[piece] for piece in fit], bool)
    score.extend(guess.scores[counts_at_all])
    found.extend(fit[counts_at_all] >= 0)
    pieces += int((~ignored).sum())
score, found = np.array(score), np.array(found)
scores.cutoff(score, found, pieces, start=0.5)

# %% [markdown]
# Precision is bought with recall. (Recall can only fall as the cut-off rises. Precision mostly rises, but nothing
# forces it to: if a very sure detection is wrong, there is a dip.) Move the cut-off yourself.

# %%
cut_off(found, score, pieces)

# %% [markdown]
# To draw these curves nothing was matched anew. The surest chooses first, so what lies below the cut-off has never
# taken anything from what lies above it: the matching is done once, and a cut-off just drops the tail.
#
# ### Exercise: the best cut-off
#
# You get the detections of a whole split, each with its score and whether it found something. Which cut-off gives the
# best F1?


# %% exercise="best-cutoff"
def best_cutoff(scores, found, truth_count):
    """The one of the scores that, as a cut-off, gives the best F1.

    scores: (D,), at least one, some may be equal; found: (D,) of bool, True for those
    that are TP when kept; truth_count: how many pieces there are. A score equal to the
    cut-off is kept. Where several cut-offs are best, any of them will do.
    """
    # BEGIN SOLUTION
    best, best_f1 = 0.0, -1.0
    for cutoff in scores:
        kept = scores >= cutoff
        tp = np.count_nonzero(found[kept])
        f1_here = 2 * tp / (np.count_nonzero(kept) + truth_count)
        if f1_here > best_f1:
            best, best_f1 = cutoff, f1_here
    return best
    # END SOLUTION


# %% check="best-cutoff"
check("best-cutoff", best_cutoff)

# %% [markdown]
# Two warnings. Choose the cut-off on the **validation** split and then leave it alone: chosen on the test split, it
# would have seen the answers. And always print it beside the score. Here is our one detector at IoU 0.85, and three cut-offs:
# that of the eager one, the best, that of the cautious one. Which row would the author of a paper like to print?

# %%
best = yours("best-cutoff", best_cutoff)(score, found, pieces)
for cutoff in (0.1, best, 0.9):
    p, r, f = macro(counts_from(cutoff))
    print(f"scores from {cutoff:.3f}: precision {p:.2f}, recall {r:.2f}, F1 {f:.2f}")

# %% [markdown]
# Three results from one set of detections. Whoever wants to look good in precision, or in recall, just picks the row.
# Is there a number that no cut-off can polish, because it looks at all of them? There is: **average precision**, the
# next lesson.

# %% [markdown]
# ## What you now know
#
# - Detection has no true negatives, and so no accuracy. A mix-up is two mistakes, an FP and an FN.
# - Precision asks about what was said, recall about what is there. A share of nothing has no value; say what stands for
#   it.
# - F1 is their harmonic mean, $2\,TP / (2\,TP + FP + FN)$: high only if both are. $F_\beta$ weighs them.
# - Macro: add up the plates, score each class, average. The F1 of the averages is something else.
# - All of them depend on the IoU threshold *and* on the score cut-off. Report both.
#
# ## Test yourself
#
# 1. A detector makes 50 detections on plates with 40 pieces, 30 of them TP. Precision, recall, F1?
# 2. You raise the cut-off and precision falls. Is that a bug?
# 3. Macro F1 is .80 and micro F1 is .90. What does that suggest about the classes?
#
# <details><summary>Answers</summary>
#
# 1. $30/50 = 0.6$; $30/40 = 0.75$; $60/90 = 0.67$.
# 2. Not necessarily: what you dropped may have been right more often than what you kept, as happens when wrong detections
#    have high scores. Recall, however, must never rise.
# 3. That the rare classes do worse: they weigh as much as the frequent ones in the macro average, and little in the
#    micro average.
#
# </details>
#
# ## Read more
#
# - C. J. van Rijsbergen, *Information Retrieval*, 2nd edition, Butterworths 1979, chapter 7: where the F measure comes
#   from.
# - M. Sokolova and G. Lapalme, "A systematic analysis of performance measures for classification tasks", Information
#   Processing and Management 45, 2009: micro and macro.
# - J. Opitz and S. Burst, "Macro F1 and Macro F1", arXiv:1911.03347, 2019: the two ways to average F1, and how far
#   apart they can be.
#
# **Next**: [13 · Average precision](13_average_precision.ipynb)

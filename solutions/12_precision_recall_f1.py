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
# **Time**: about 45 minutes · **Builds on**: lesson 11 · **You build**: the three scores, counts for each class, their
# average, and the best cut-off.

# %% setup=true
import numpy as np

from course_utils.dataset import load
from course_utils.dataset.classes import CLASSES
from course_utils.exercises.lesson_12 import check
from course_utils.explorables.cut_off import cut_off
from course_utils.metrics.batch import match_images
from course_utils.metrics.instances import GroundTruth
from course_utils.metrics.matching import match, match_image
from course_utils.metrics.regions import pairwise_iou
from course_utils.metrics.scores import count_matches, f1, precision, recall
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
# detector. We keep its detections with a score of at least 0.9, or of at least 0.1.


# %%
def found_on(scene):
    """Truth and simulated detections of one plate."""
    seed = [10, scene.id]
    guess = simulate(scene.masks, scene.labels, scene.occlusion_rates, seed)
    return GroundTruth(scene.labels, scene.masks), guess


plate = plates[32]
truth, guess = found_on(plate)
kept = [guess.select(guess.scores >= cutoff) for cutoff in (0.9, 0.1)]
judged = [match_image(truth, some, threshold=0.5) for some in kept]
scores.cutoffs_on_plate(plate, kept, judged, ["Cautious", "Eager"])

# %% [markdown]
# Whom would you hire to count calories for a diabetic? Whom to check that no plate leaves the kitchen empty? And whom,
# if you must say one number for "how good"? There is no answer without asking *which mistake costs more*.

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
    guess = guess.select(guess.scores >= 0.5)
    m = match(pairwise_iou(guess.regions, truth.regions), guess.scores, 0.5)
    is_there = np.where(m.truth_of >= 0, truth.labels[m.truth_of], NOTHING)
    np.add.at(table, (is_there, guess.labels), 1)
    np.add.at(table, (truth.labels[m.false_negatives], NOTHING), 1)
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
#
# <details><summary>Hint</summary>
#
# Compute the denominator first. If it is 0, the answer is 0; otherwise divide.
#
# </details>


# %% exercise="precision-recall"
def precision_recall(tp, fp, fn):
    """Precision and recall from three whole numbers; 0 where there is nothing to divide by."""
    # BEGIN SOLUTION
    said, there = tp + fp, tp + fn
    return tp / said if said else 0.0, tp / there if there else 0.0
    # END SOLUTION


# %% check="precision-recall"
check("precision-recall", precision_recall)

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
# Here are both means, for every precision and recall. The orange dot is our program. Which line is nearest to it
# on the left, and which on the right?

# %%
scores.two_means()

# %% [markdown]
# The lines of the harmonic mean never reach the axes. It stays close to the *smaller* of the two, so nobody gets a good
# F1 with one of them alone.
#
# ### Exercise: F1
#
# <details><summary>Hint</summary>
#
# It is the formula above. When are both factors, and so the denominator, 0, and what should come out then?
#
# </details>


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
# (enough, and with the right label), or -1. Two detections may fit the same truth; you know what that means. It means
# the same for an ignored truth: the first detection of it does not count, every later one is a duplicate. (So it is in
# COCO too, except for crowds, which any number of detections may hit.) There are three classes, 0, 1 and 2.
#
# <details><summary>Hint</summary>
#
# Walk through the detections once and keep a set of the truths that are taken, ignored ones as well. Ask of each
# detection, in this order: does it find nothing *or come too late* (FP)? Is its truth ignored (no count)? Otherwise it
# is a TP. Then walk through the truths for the FN.
#
# </details>


# %% exercise="count-per-class"
def count_per_class(labels, fits, truth_labels, ignored, classes):
    """TP, FP and FN of the classes 0, 1, 2, as (3, 3): a row for each class.

    labels: (D,) of each detection, the surest first; fits: (D,) the truth that each
    one fits, or -1; truth_labels: (G,); ignored: (G,) of bool, truths nobody has to find.
    """
    # BEGIN SOLUTION
    counts, taken = np.zeros((classes, 3), dtype=int), set()
    for label, truth in zip(labels, fits):
        if truth == -1 or truth in taken:
            counts[label, 1] += 1
        elif not ignored[truth]:
            counts[label, 0] += 1
        taken.add(truth)
    for truth, label in enumerate(truth_labels):
        if truth not in taken and not ignored[truth]:
            counts[label, 2] += 1
    return counts
    # END SOLUTION


# %% check="count-per-class"
check("count-per-class", count_per_class)

# %% [markdown]
# Here are the six foods of the validation split, at the thesis's IoU of 0.85. Before you run the cell, look back at the
# confusion matrix: which food will have the lowest recall, and which the lowest precision?

# %%
matches = match_images(everything, thresholds=[0.5, 0.85, 0.9])
foods = count_matches(matches, threshold=0.85, min_score=0.5)
print("           TP  FP  FN   precision  recall    F1")
rows = zip(CLASSES, foods.tp, foods.fp, foods.fn, foods.precision, foods.recall, foods.f1)
for name, tp, fp, fn, p, r, f in rows:
    print(f"{name:8} {tp:4d}{fp:4d}{fn:4d} {p:11.2f} {r:7.2f} {f:5.2f}")
scores.per_class(foods)

# %% [markdown]
# Two dots that lean apart often belong together: what the one food loses in recall, the other pays in precision.

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
# it is averaged like them.
#
# <details><summary>Hint</summary>
#
# `total = counts.sum(axis=0)` leaves a row of TP, FP, FN for each class. Write a loop over these rows, with the two
# functions from above in mind, and take the mean of what it collects.
#
# </details>


# %% exercise="macro-scores"
def macro_scores(counts):
    """Precision, recall and F1, averaged over the classes: three numbers.

    counts: (plates, classes, 3) of whole numbers, TP, FP and FN. A score without a
    value counts as 0.
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
# over the classes (macro), over the plates, and none at all: all counts in one pot (**micro**).

# %%
counts = np.zeros((len(plates), len(CLASSES), 3), dtype=int)
for k, (truth, guess) in enumerate(everything):
    m = match_image(truth, guess, threshold=0.85, min_score=0.5)
    np.add.at(counts[k, :, 0], guess.labels[m.true_positives] - 1, 1)
    np.add.at(counts[k, :, 1], guess.labels[m.false_positives] - 1, 1)
    np.add.at(counts[k, :, 2], truth.labels[m.false_negatives] - 1, 1)

# %%
pots = {"classes": counts.sum(axis=0), "plates": counts.sum(axis=1)}
pots["nothing (micro)"] = counts.sum(axis=(0, 1))[None]
print("averaged over     precision  recall     F1")
for name, pot in pots.items():
    tp, fp, fn = pot.T
    p, r, f = precision(tp, fp).mean(), recall(tp, fn).mean(), f1(tp, fp, fn).mean()
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
    harmonic = 2 * p * r / (p + r)
    print(f"{name:23} precision {p} recall {r} F1 {f}", end="   ")
    print(f"harmonic mean of the two: {harmonic:.3f}")

# %% [markdown]
# An F1 *below* both precision and recall? A slip of the pen? No: it tells us how the table was made. Take two classes,
# one found with precision 1 and recall one half, the other the other way round:

# %%
tp, fp, fn = np.array([5, 10]), np.array([0, 10]), np.array([5, 0])
p, r, f = precision(tp, fp), recall(tp, fn), f1(tp, fp, fn)
print(f"class by class: precision {p}, recall {r}, F1 {f.round(2)}")
print(f"averages:       precision {p.mean()}, recall {r.mean()}, F1 {f.mean():.2f}")

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
scores.cutoff(matches, threshold=0.85, min_score=0.5)

# %% [markdown]
# Precision is bought with recall. (Recall can only fall as the cut-off rises. Precision mostly rises, but nothing
# forces it to: if a very sure detection is wrong, there is a dip.) Move the cut-off yourself.

# %%
step = matches.at(0.85)
cut_off(matches.true_positive[0, step], matches.score, len(matches.truth_label))

# %% [markdown]
# To draw these curves nothing was matched anew. The surest chooses first, so what lies below the cut-off has never
# taken anything from what lies above it: the matching is done once, and a cut-off just drops the tail.
#
# ### Exercise: the best cut-off
#
# You get the detections of a whole split, each with its score and whether it found something. Which cut-off gives the
# best F1?
#
# <details><summary>Hint</summary>
#
# Only the scores themselves need to be tried. For each: keep the detections with that score or more, count their TP,
# and use the formula of F1 with the three counts. Note that $2\,TP + FP + FN$ is the number kept plus the number of
# pieces.
#
# </details>


# %% exercise="best-cutoff"
def best_cutoff(scores, found, truth_count):
    """The one of the scores that, as a cut-off, gives the best F1.

    scores: (D,); found: (D,) of bool, True for those that are TP when kept;
    truth_count: how many pieces there are. A score equal to the cut-off is kept.
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
# would have seen the answers. And always print it beside the score. Here is our one detector again, at one IoU:

# %%
for cutoff in (0.1, 0.6, 0.9):
    macro = count_matches(matches, threshold=0.85, min_score=cutoff).macro
    text = ", ".join(f"{name} {value:.2f}" for name, value in macro.items())
    print(f"score at least {cutoff}: {text}")

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
# - F1 is their harmonic mean, $2\,TP / (2\,TP + FP + FN)$: high only if both are.
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

# %% [markdown]
# # 11 · Intersection over union, and who found what
#
# Your network has looked at a plate and drawn seven outlines. How good is that? Before anything can be counted, two
# questions need an answer: when does an outline *fit*, and which piece did it *find*? This lesson answers both, and
# everything that is measured later stands on the answers.
#
# **You will be able to**
# - compute how well two boxes, or two masks, agree, and say why the two numbers can differ;
# - match detections to the truth by hand and in code, with the rule of the COCO benchmark;
# - tell true positives, false positives and false negatives apart, and say what a stricter threshold does to each.
#
# **Time**: about 75 minutes · **Builds on**: lessons 01 and 02 · **You build**: box IoU, the IoU matrix of a plate, the
# greedy matching, and the three counts.

# %% setup=true
import numpy as np

from course_utils import masks
from course_utils.dataset import load
from course_utils.dataset.classes import CLASSES
from course_utils.exercises.lesson_11 import ON_PAPER, check
from course_utils.exercises.yours import yours
from course_utils.explorables.two_shapes import two_shapes
from course_utils.metrics.instances import Detections
from course_utils.metrics.matching import Matching
from course_utils.metrics.simulated import shifted, simulate, swollen
from course_utils.plots import matching, overlap

plates = load("val")

# %% [markdown]
# ## When is a detection right?
#
# Below is one piece of tahu (fried tofu). White is its true outline: the **ground truth**. Orange are four
# detections of it, A to D.
#
# Which of them would you accept, if you only want to know whether there is tahu? And which, if you want to know *how
# much*? Decide before you read on.

# %%
open_plate = plates[55]
tahu = next(piece for piece in open_plate.instances if piece.name == "tahu").mask
outlines = [
    shifted(tahu, 1, -1),
    swollen(tahu, 3),
    shifted(tahu, 8, 7),
    swollen(tahu, 14),
]
overlap.candidates(open_plate, tahu, outlines)

# %% [markdown]
# No network drew these. We moved and swelled the true outline, and in this whole lesson the "detector" is
# **simulated**: true masks, spoilt on purpose. So we know what is wrong with every detection. (Real ones follow in
# lesson 16.)
#
# You probably found C and D too loose, but did you agree with your neighbour about B? A measure should decide it, the
# same way for everybody.

# %% [markdown]
# ## IoU (Intersection over Union)
#
# Here are two boxes on squared paper. Count: how many squares lie in both? How many lie in at least one of them?

# %%
a, b = np.array([2, 2, 8, 6]), np.array([5, 3, 10, 7])
overlap.two_boxes(a, b, counted=False)

# %% [markdown]
# Squares in both are the **intersection**, squares in at least one the **union**. Divide one by the other and you have
# the measure that the whole field agrees on, **intersection over union** (Jaccard, 1912, who compared the plants of
# alpine meadows with it):
#
# $$ \mathrm{IoU}(A, B) = \frac{|A \cap B|}{|A \cup B|} $$
#
# It is 1 when the two are equal and 0 when they share nothing. Both kinds of mistake lower it: what is missing makes
# the intersection smaller, and what is too much makes the union larger.
#
# To get the union you need not count again. The two areas together count the shared squares twice, so
#
# $$ |A \cup B| = |A| + |B| - |A \cap B| . $$
#
# Did you count the same?

# %%
shared = (8 - 5) * (6 - 3)
together = (8 - 2) * (6 - 2) + (10 - 5) * (7 - 3) - shared
print(f"{shared} squares shared, {together} in all: IoU {shared / together:.2f}")

# %% [markdown]
# ### Exercise: IoU of two boxes
#
# Boxes are `x1, y1, x2, y2`, half-open as in lesson 01, so a width is `x2 - x1`. Mind boxes that lie apart.


# %% exercise="box-iou"
def box_iou(a, b):
    """IoU, 0 to 1, of two boxes x1, y1, x2, y2, each an array of four numbers."""
    # BEGIN SOLUTION
    width = max(0, min(a[2], b[2]) - max(a[0], b[0]))
    height = max(0, min(a[3], b[3]) - max(a[1], b[1]))
    shared = width * height
    area_a = (a[2] - a[0]) * (a[3] - a[1])
    area_b = (b[2] - b[0]) * (b[3] - b[1])
    return shared / (area_a + area_b - shared)
    # END SOLUTION


# %% check="box-iou"
check("box-iou", box_iou)

# %% [markdown]
# ### How strict is it?
#
# Two boxes of the same size, one moved sideways. Before you run the next cell: how far may it be off, in percent of its
# side, to keep an IoU of 0.9?
#
# (From here on your function draws the figures. Where an answer is missing or not right yet, the course's own takes its
# place, and a small line says so.)

# %%
iou_of_boxes = yours("box-iou", box_iou)
overlap.shift_curve(iou_of_boxes)

# %% [markdown]
# IoU is stricter than it sounds: when half of each box lies in the other, it is only one third. Move the box yourself,
# sideways only and then downwards only. Why may it not go equally far? And would a mask go further?
#
# <details><summary>Answer</summary>
#
# IoU counts the shift as a share of the side: a third of the width, 2 squares, or a third of the height, 1.33 squares,
# bring it down to 0.5. A mask goes less far: a disc reaches 0.5 at 26 % of its width, since what it loses at once is
# its widest part.
#
# </details>

# %%
two_shapes(plates[0].masks[0])

# %% [markdown]
# ## The same for masks
#
# Nothing in the formula speaks of boxes. For masks the squares are pixels: `a & b` are those in both, `a | b` those in
# at least one.
#
# ### Exercise: the IoU matrix
#
# On a plate there are several detections and several truths. To see who fits whom, compare every detection with every
# truth. The result is a table with a row for each prediction and a column for each truth.


# %% exercise="mask-iou"
def mask_iou(predictions, truths):
    """IoU of every prediction (D, H, W) with every truth (G, H, W), both of bool.

    Returns (D, G) of numbers from 0 to 1; two masks without any pixel have IoU 0. Each
    of D and G may be 0.
    """
    # BEGIN SOLUTION
    result = np.zeros((len(predictions), len(truths)))
    for d, prediction in enumerate(predictions):
        for g, truth in enumerate(truths):
            union = np.count_nonzero(prediction | truth)
            if union > 0:
                result[d, g] = np.count_nonzero(prediction & truth) / union
    return result
    # END SOLUTION


# %% check="mask-iou"
check("mask-iou", mask_iou)

# %% [markdown]
# Here are the four tahu again, with their numbers. Did you rank them so?

# %%
iou_of_masks = yours("mask-iou", mask_iou)
ious = iou_of_masks(np.array(outlines), tahu[None])[:, 0]
overlap.candidates(open_plate, tahu, outlines, ious)

# %% [markdown]
# D deserves a second look. It misses not one pixel of the tahu, and yet it scores lowest: it is about twice as large as
# it should be. If an outline holds the whole piece, IoU is simply the ratio of the two areas.
#
# Now a whole plate. On the right are the seven detections of our simulated detector, each with a **score**: how sure
# the detector is. The cell says how each was made. Foods are numbered from 1 in the order of `CLASSES`, so that 4, for
# instance, is `CLASSES[3]`, serabi.

# %%
print({number: name for number, name in enumerate(CLASSES, 1)})
plate = plates[37]
tempe, bolu, bolu_2, cireng, tahu_small, tahu_large = plate.masks
tempe_seen = plate.visible_masks[0]
made_up = [  # label, score, mask
    (6, 0.55, tempe_seen),  # only the part that can be seen
    (2, 0.92, shifted(bolu, 4, 0)),
    (5, 0.45, shifted(tahu_large, 1, 0)),
    (4, 0.71, swollen(cireng, -1)),  # a cireng, but called serabi
    (2, 0.88, swollen(bolu_2, 5)),
    (4, 0.30, shifted(bolu_2, -50, 95)),  # there is nothing
    (5, 0.80, shifted(tahu_large, 5, 3)),  # the same tahu once more
]
labels, scores, found = (np.array(column) for column in zip(*made_up))
detections = Detections(labels, found, scores)
matching.truths_and_detections(plate, detections)

# %% [markdown]
# (Bolu is a small steamed cake, cireng a fritter of tapioca, serabi a rice pancake, tempe a cake of fermented soya
# beans, and bakwan, which is not on this plate, a vegetable fritter.)
#
# Before you run the next cell: which detection will have nothing but zeros in its row? And which truth in its column?

# %%
iou = iou_of_masks(found, plate.masks)
piece_names = [f"{k} {piece.name}" for k, piece in enumerate(plate.instances)]
found_names = [f"{k} {CLASSES[label - 1]}" for k, label in enumerate(labels)]
matching.iou_table(iou, found_names, piece_names, "IoU of each detection (row) with each truth")

# %% [markdown]
# No row is empty but that of detection 5, the one that was put where nothing is, and no column but that of truth 4, the small tahu.
# Whole outlines may overlap, so a detection can reach several truths: look along the row of detection 4.

# %% [markdown]
# ### A good box, a poor mask, and the other way round
#
# Would the boxes of these masks have told the same? Here are two detections of the hidden tempe. The first is its
# mirror image. The second is the true mask with one stray speck beside it. Predict: which of the two do the boxes
# prefer, which do the masks?

# %%
x1, y1, x2, y2 = masks.to_box(tempe).astype(int)
mirrored = np.zeros_like(tempe)
mirrored[y1:y2, x1:x2] = tempe[y1:y2, x1:x2][:, ::-1]
speck = tempe.copy()
speck[y2 + 10 : y2 + 14, x2 + 50 : x2 + 54] = True
both = [("The mirror image", mirrored), ("The true mask and a speck", speck)]
overlap.box_against_mask_iou(plate, tempe, both, iou_of_boxes, iou_of_masks)

# %% [markdown]
# A box knows the extremes of a mask and nothing else. A mask that lies wrongly *inside* its box costs the box nothing;
# a few pixels far away cost it nearly half. When you judge masks, use mask IoU, and write down which of the two a
# number is: results for boxes and for masks are both called "AP" in many papers.

# %% [markdown]
# ## Who found what?
#
# Look at the table once more. Two detections fit truth 5. Did they both find it? And how much overlap is enough? The
# deck's section *Metrik evaluasi* (evaluation metrics) sorts detections and truths into a **confusion matrix** with
# three entries:
#
# | | it is | when |
# |---|---|---|
# | **TP (True Positive)** | a detection | its IoU with a truth is above the threshold |
# | **FP (False Positive)** | a detection | its IoU is below the threshold, or it overlaps no ground truth at all (*hasil deteksi tidak beririsan dengan Ground Truth*) |
# | **FN (False Negative)** | a truth | no detection overlaps it (*tidak ada hasil deteksi yang beririsan dengan Ground Truth*) |
#
# To turn this into a number that everybody gets, four things must be pinned down. This is how COCO, the benchmark that
# most papers use, does it (PASCAL VOC, the older one, differs in the last point):
#
# 1. **Overlap means overlap enough.** A truth that is merely grazed is not found: it is an FN, exactly as one that
#    nothing touches.
# 2. **Enough means IoU ≥ threshold.** The deck writes ">". They differ only when the two are equal, but somebody has to
#    decide.
# 3. **A truth can be found once.** A second detection of it is an FP, a *duplicate*, however well it fits.
# 4. **The surest chooses first.** Detections come in falling order of score. Each takes, among the truths that are
#    still free, the one it fits best, if it fits enough. (In VOC a detection looks at the truth that it fits best and
#    at no other: if that one is taken, it is an FP.)
#
# ### Exercise: by hand
#
# Four detections A to D, three truths 0 to 2, all of one food. The threshold is 0.5.

# %%
paper_truths, paper_boxes, paper_scores = ON_PAPER
matching.on_paper(paper_truths, paper_boxes, paper_scores)
paper_iou = np.array([[iou_of_boxes(d, t) for t in paper_truths] for d in paper_boxes])
truth_names = [f"truth {k}" for k in range(3)]
rows = [f"{name}, score {score}" for name, score in zip("ABCD", paper_scores)]
matching.iou_table(paper_iou, rows, truth_names, "Their IoU")

# %% [markdown]
# Write two lists. First, for A, B, C, D in this order, the number of the truth that it takes, or -1 for nobody. Second,
# how many TP, FP and FN there are. It looks like this (the numbers are nonsense): `[[2, 1, -1, 0], [3, 1, 0]]`.

# %% exercise="match-by-hand"
# BEGIN SOLUTION
by_hand = [[-1, 0, -1, -1], [1, 3, 2]]
# END SOLUTION

# %% check="match-by-hand"
check("match-by-hand", by_hand)

# %% [markdown]
# Here is what came out, drawn.

# %%
taken, _ = yours("match-by-hand", by_hand)
matching.on_paper(paper_truths, paper_boxes, paper_scores, Matching.of(taken, 3, 0.5))

# %% [markdown]
# Four detections, four fates. B finds truth 0. A fits better, but is less sure and comes too late: a duplicate. C
# reaches truth 1, but not far enough. D overlaps nothing. And of the truths, 1 was grazed and 2 was not touched at all;
# both were missed.
#
# Is it unfair to A? A little. But the detector itself does not know the IoU: when it is used, there is no truth to
# compare with, and the score is all it can offer. A detector that gives its worse outline the higher score deserves
# what it gets.

# %% [markdown]
# ## Greedy matching
#
# A rule that always takes the best choice at hand, and never takes it back, is called **greedy**. One thing is left to
# add: what the thing *is*. An outline that fits a cireng perfectly but is called "serabi" has not found the cireng. So
# only pairs with **equal labels** may match.
#
# ### Exercise: match
#
# Write the rule as a function: COCO's four points, and equal labels.


# %% exercise="greedy-match"
def greedy_match(iou, scores, labels, truth_labels, threshold):
    """Which truth each detection takes.

    iou: (D, G); scores, labels: (D,); truth_labels: (G,); threshold: above 0. Each of
    D and G may be 0. Equally sure detections choose in the order in which they stand.
    Returns (D,) of whole numbers: the index of the truth, or -1 for nobody.
    """
    # BEGIN SOLUTION
    truth_of = np.full(len(scores), -1)
    for d in np.argsort(-scores, kind="stable"):
        best = threshold
        for g in range(len(truth_labels)):
            free = g not in truth_of
            if free and labels[d] == truth_labels[g] and iou[d, g] >= best:
                best, truth_of[d] = iou[d, g], g
    return truth_of
    # END SOLUTION


# %% check="greedy-match"
check("greedy-match", greedy_match)

# %% [markdown]
# Now our plate, at the threshold 0.5. Before you run the next cell, write down the fate of each of the seven
# detections. Two of them lie on one and the same tahu.

# %%
match = yours("greedy-match", greedy_match)
truth_of = match(iou, scores, labels, plate.labels, 0.5)
for d in np.argsort(-scores):
    taken = truth_of[d]
    fate = f"finds truth {piece_names[taken]}" if taken >= 0 else "finds nothing"
    print(f"detection {found_names[d]:9} score {scores[d]:.2f}  {fate}")

# %% [markdown]
# Detection 3 fits the cireng almost perfectly and still finds nothing, for it calls it serabi. It costs twice: the
# wrong name is an FP, and the cireng that nobody named is an FN.
#
# ### Exercise: count
#
# From the matching to the three numbers. It is short, but there is a trap or two in it.


# %% exercise="count-outcomes"
def count_outcomes(truth_of, truth_count):
    """The numbers of TP, FP and FN.

    truth_of: (D,) of whole numbers, for each detection the truth it took, or -1;
    truth_count: how many truths there are. Returns three whole numbers. D and
    truth_count may be 0.
    """
    # BEGIN SOLUTION
    tp = sum(1 for taken in truth_of if taken != -1)
    fp = len(truth_of) - tp
    fn = truth_count - tp
    return tp, fp, fn
    # END SOLUTION


# %% check="count-outcomes"
check("count-outcomes", count_outcomes)

# %% [markdown]
# Two sums make a good test of any such count: TP + FP is the number of detections, TP + FN the number of truths. If
# yours do not add up, something is counted twice or forgotten.

# %%
count = yours("count-outcomes", count_outcomes)
tp, fp, fn = count(truth_of, len(plate.labels))
print(f"{tp} TP + {fp} FP = {tp + fp} detections")
print(f"{tp} TP + {fn} FN = {tp + fn} pieces on the plate")

# %% [markdown]
# ## What a stricter threshold does
#
# Nothing forces us to take 0.5. The thesis behind this course (Aditama, 2022) reports its results at **0.85** and
# **0.90**. Why so strict?
#
# Remember tahu D. If one of two outlines holds the other, IoU is the ratio of their areas. In general, at an IoU of $t$
# the area lies between $t$ and $1/t$ of the true one: the shared part is at most the smaller of the two areas, the
# union at least the larger, so their ratio is at least $t$. And a larger area means more calories. If they grow with
# the area, what may become of a tahu of 100 kcal?

# %%
for t in overlap.THRESHOLDS:
    print(f"IoU {t:4.2f}: anything from {100 * t:3.0f} to {100 / t:3.0f} kcal")

# %% [markdown]
# At 0.5, twice the food counts as found. That is good enough to say *there is tahu*; it is not good enough to say how
# much.
#
# Here are our seven detections, judged three times. Before you run the next cell: at 0.85 one outline that was wrong
# becomes right. Which one, and how can that be?

# %%
judged = []
for t in overlap.THRESHOLDS:
    taken = match(iou, scores, labels, plate.labels, t)
    judged.append(Matching.of(taken, len(plate.labels), t))
matching.verdicts(plate, detections, judged)

# %% [markdown]
# Detection 6, the surer tahu, does not reach 0.85. So it takes nothing, truth 5 is still free when detection 2 comes,
# and what was a duplicate is now the find. A stricter threshold does not only strike out: it matches anew.
#
# One plate is an anecdote, so let us judge all plates of the validation split at ten thresholds. The detector is again
# a simulated one: `simulate` shifts and swells true masks at random (the more hidden a piece, the worse), mixes up
# foods that look alike, overlooks some pieces and reports others twice. Its habits are invented; the way the counts
# react is not.
#
# What will the three curves do? And where TP falls by 10, how much do FP and FN rise?

# %%
thresholds = np.linspace(0.5, 0.95, 10)
counts = np.zeros((len(thresholds), 3), dtype=int)
for scene in plates:
    guess = simulate(scene.masks, scene.labels, scene.occlusion_rates, seed=[10, scene.id])
    overlaps = iou_of_masks(guess.regions.masks, scene.masks)
    for row, t in enumerate(thresholds):
        taken = match(overlaps, guess.scores, guess.labels, scene.labels, t)
        counts[row] += count(taken, len(scene.labels))
matching.counts_by_threshold(thresholds, counts)

# %% [markdown]
# FP and FN rise together, step for step, by what TP loses: a find that is not good enough any more becomes a wrong
# detection *and* a missed piece. So along these curves TP tells everything: FP is the number of detections less TP, FN
# that of pieces less TP. And one threshold gives only one point of each curve. The next lesson makes scores of the three
# counts, which can be compared; the one after it judges all thresholds at once.
#
# You may wonder where the **true negatives** are, the fourth entry of every confusion matrix. Keep the question for the
# next lesson.

# %% [markdown]
# ## What you now know
#
# - IoU is the shared area over the area of both together. It is 1 for equal regions, 0 for disjoint ones, and it falls
#   fast.
# - Box IoU and mask IoU answer different questions; say which one you report.
# - Matching is greedy: in falling order of score, each detection takes the best free truth of its own label, if the IoU
#   reaches the threshold. (So in COCO; in VOC it has no second choice.)
# - TP and FP are detections, FN are truths. TP + FP = detections, TP + FN = truths.
# - A duplicate is an FP, and a wrong name is an FP and an FN. A stricter threshold moves finds to both.
#
# ## Test yourself
#
# 1. A detection covers exactly one half of a piece and nothing else. What is its IoU? And if it covers all of it and as
#    much again beside it?
# 2. A plate has 5 pieces; the detector makes 8 detections, 3 of them TP. How many FP and FN?
# 3. Can a detection that was TP at threshold 0.5 still be TP at 0.85 but with *another* truth?
#
# <details><summary>Answers</summary>
#
# 1. One half, both times: half is missing, or the union is twice the piece.
# 2. 5 FP and 2 FN.
# 3. Yes. At 0.5 a surer detection may have taken the truth that it fits best, so that it took its second choice; at
#    0.85 that rival may fall out, and the first choice is free.
#
# </details>
#
# ## Read more
#
# - P. Jaccard, "The distribution of the flora in the alpine zone", New Phytologist 11(2), 1912: where the ratio comes
#   from.
# - M. Everingham et al., "The PASCAL Visual Object Classes (VOC) Challenge", International Journal of Computer Vision
#   88, 2010, section 4.2: matching at IoU 0.5, and why duplicates count as errors.
# - T.-Y. Lin et al., "Microsoft COCO: Common Objects in Context", ECCV 2014: the benchmark whose evaluation everybody
#   compares with.
#
# **Next**: [12 · Precision, recall and F1](12_precision_recall_f1.ipynb)

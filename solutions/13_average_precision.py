# %% [markdown]
# # 13 · Average precision
#
# Lesson 12 left us with three scores and a slider. Move the score cut-off and all three change: a detector has not *one* precision, it has one for each
# cut-off. Can a single number judge the detector and not the cut-off? Yes, and it is the number you find in every paper: **average precision**,
# averaged once more to **mAP**. In the deck's list *Metrik Evaluasi Instance Segmentation* (metrics of instance segmentation) it is the second entry, after
# precision, recall and F1.
#
# **You will be able to**
# - build a precision-recall curve detection by detection, and say what each step does to it;
# - compute average precision in the ways that are in use, by hand and in code, and say why they differ;
# - tell the two loops apart, over scores and over IoU thresholds, that the name mAP hides;
# - get the same number as COCO's own evaluator, and recognise four traps in which others got another one.
#
# **Time**: about 60 minutes · **Builds on**: lessons 11 and 12 · **You build**: the curve, the deck's sum, and COCO's mAP.

# %% setup=true
import numpy as np
from sklearn.metrics import average_precision_score

from course_utils.dataset.classes import CLASSES
from course_utils.exercises.lesson_13 import (
    BAKWAN,
    LABELS,
    TAHU,
    check,
    curves,
    ranked,
    toy,
    validation,
)
from course_utils.exercises.traps_13 import pycocotools_lines, strange_numbers, val_file
from course_utils.explorables.walk import walk
from course_utils.metrics import average_precision as ap
from course_utils.metrics.batch import match_images
from course_utils.metrics.coco import results, summarize
from course_utils.metrics.evaluation import evaluate_images
from course_utils.metrics.instances import Detections
from course_utils.plots import average_precision as figures

# %% [markdown]
# ## Twelve plates on paper
#
# To see every step, we begin with plates so small that you can do everything by hand. There is only tahu, and everything is a box.
#
# An IoU of 0.5 counts as found. Which detections are right? Mind plate 1, and mind plate 6.

# %%
small_plates = toy()
figures.toy(small_plates)

# %% [markdown]
# Plate 1 has two detections of one piece: the surer one takes it, the other is a duplicate. The detection on plate 6 is too loose. Plates 5 and
# 10 have a detection and no piece. And plates 7 and 12, where nothing is and nothing was found, will not appear in any number: there are no true
# negatives.

# %% [markdown]
# ## Ranking
#
# Throw the detections of *all* plates on one heap and sort them by score, the surest first. This list is the **ranking**, and from here on plates
# play no part any more.
#
# Now walk down the list. After each detection ask lesson 12's two questions about everything seen so far: how much of it is right (precision), and how
# many of the eight pieces are found (recall)? Each answer is a point.
#
# Before you run the next cell: where does the curve go when a detection is right, and where when it is wrong? Can it ever go back to the left?

# %%
toy_matches = match_images(small_plates, [0.5])
right, scores, objects = ranked(toy_matches, TAHU, 0)
figures.ranking(right, scores, objects)

# %% [markdown]
# This is the **precision-recall curve**. A right detection adds to recall, and the curve moves right and (if it was not perfect already) up. A wrong one adds
# nothing to recall: the curve falls straight down. It never goes left, for what is found stays found. So a curve is a zigzag.
#
# Every point of the curve is one score cut-off: the curve holds all positions of lesson 12's slider at once. Walk down the list yourself:

# %%
walk(right, scores, objects)

# %% [markdown]
# ### Exercise: the curve
#
# <details><summary>Hint</summary>
#
# First bring `right` into the order of the ranking; `np.argsort(-scores, kind="stable")` says how, and leaves equal scores in the order in
# which they came. Then `np.cumsum` counts how many are right so far. How many have been *seen* so far?
#
# </details>


# %% exercise="ranked-curve"
def precision_recall(right, scores, objects):
    """Precision and recall after each detection, the surest first.

    right: (N,) of bool, whether a detection found something; scores: (N,); objects:
    how many there are to find. Returns two arrays (N,). Equal scores keep the order
    they come in.
    """
    # BEGIN SOLUTION
    found, precision, recall = 0, [], []
    for seen, k in enumerate(np.argsort(-scores, kind="stable"), 1):
        found += int(right[k])
        precision.append(found / seen)
        recall.append(found / objects)
    return np.array(precision), np.array(recall)
    # END SOLUTION


# %% check="ranked-curve"
check("ranked-curve", precision_recall)

# %% [markdown]
# ## Average Precision
#
# A good detector is right for a long time: its curve stays high while recall grows. So measure the **area under the curve**. Its height is a precision,
# its width a recall between 0 and 1, so the area is a mean of precisions: the *average precision*, **AP**.
#
# The deck gives three steps (*langkah-langkah*): compute precision and recall at $n$ thresholds, draw the precision-recall curve, and sum up
#
# $$ AP = \sum_{k=0}^{k=n-1} \left[ R(k) - R(k+1) \right] \cdot P(k), \qquad R(n) = 0, \quad P(n) = 1 $$
#
# where $R(k)$ and $P(k)$ are recall and precision at threshold $k$. Let the thresholds be **scores**, in ascending order. Threshold 0 keeps every
# detection, so recall is highest; each further threshold drops some, and recall falls. Beyond the last nothing is left: $R(n) = 0$, and $P(n) = 1$ by
# agreement, as nothing was said that could be wrong.
#
# Each term is a rectangle: its width is the recall lost from one threshold to the next, its height the precision. Where a threshold drops a wrong
# detection no recall is lost, and the rectangle has no width.

# %%
precision, recall = ap.precision_recall_curve(right, scores, objects)
figures.steps(precision, recall)

# %% [markdown]
# ### Exercise: the deck's sum
#
# <details><summary>Hint</summary>
#
# $R(k+1)$ for the last $k$ is $R(n) = 0$. Put that 0 behind the recalls, then a loop over $k$ never leaves the array.
#
# </details>


# %% exercise="deck-formula"
def average_precision_sum(precision, recall):
    """The deck's sum, one number.

    precision, recall: (n,) at n thresholds in ascending order, so recall falls.
    """
    # BEGIN SOLUTION
    total = 0.0
    for k in range(len(recall)):
        next_recall = recall[k + 1] if k + 1 < len(recall) else 0.0
        total += (recall[k] - next_recall) * precision[k]
    return total
    # END SOLUTION


# %% check="deck-formula"
check("deck-formula", average_precision_sum)

# %% [markdown]
# The same sum is scikit-learn's `average_precision_score`. Our list is the ranking from the highest score down, so we turn it around. One thing
# scikit-learn cannot know: that there are pieces which no detection found. It thinks that those in the list are all, so its recall ends at 1 where ours ends
# at 6/8, and we shrink its width by as much.

# %%
deck = ap.step_sum(precision[::-1], recall[::-1])
sklearn_ap = average_precision_score(right, scores) * right.sum() / objects
print(f"the deck's sum {deck:.4f}, scikit-learn's {sklearn_ap:.4f}")

# %% [markdown]
# ## Which thresholds?
#
# Read the deck's first step again: *"Menghitung precision dan recall dari n titik threshold **IoU**. Ex: range 0.5 - 0.95"*, compute precision and recall
# at n **IoU** thresholds. But we have just used n **score** thresholds. Does it matter?
#
# Let us take it by its letter and see, with the bakwan of all 100 plates of the validation split. The detector is the **simulated** one of lessons 11 and
# 11: true masks, spoilt at random, so its numbers say how a metric behaves and nothing about any network.
#
# On the left: one IoU threshold, all scores. On the right: ten IoU thresholds and one score cut-off, once 0 and once 0.7. What do you expect on the
# right: does precision fall as recall grows?

# %%
truth, found = validation()
pairs = list(zip(truth.values(), found.values()))
matches = match_images(pairs, classes=LABELS)
figures.walk_or_bar(matches, BAKWAN, (0.0, 0.7))

# %% [markdown]
# On the right nobody walks down a ranking; each dot is one IoU threshold, or several where nothing changes. (Why do all dots of one colour lie on a line through 0? Because precision and recall
# share their numerator, TP.) A stricter IoU turns finds into errors, as lesson 11 saw, so precision and recall fall *together*. It is not a
# precision-recall curve, and the area "under" it means little. Worse, the slider is back: another cut-off, another number.
#
# The next cell computes both readings, three times: for our detector; for the same masks with their scores **shuffled**, so that the
# ranking is worthless; and for a **perfect** detector. Predict: which numbers will change when scores are shuffled, and which one has to?

# %%
rng = np.random.default_rng(12)
shuffled_scores = rng.permutation(np.concatenate([d.scores for d in found.values()]))
ends = np.cumsum([len(d) for d in found.values()])[:-1]
shuffled, perfect = [], []
for (t, d), s in zip(pairs, np.split(shuffled_scores, ends)):
    shuffled.append((t, Detections(d.labels, d.regions, s)))
    perfect.append((t, Detections(t.labels, t.regions, np.full(len(t), 0.9))))

print("               average precision   literal, all scores   literal, from 0.7")
for name, images in (("simulated", pairs), ("shuffled", shuffled), ("perfect", perfect)):
    m = match_images(images, classes=LABELS)
    literal = [np.nanmean(ap.literal_reading(m, cut)) for cut in (0.0, 0.7)]
    mean_ap = evaluate_images(images, classes=LABELS).average_precision()
    print(f"{name:12}{mean_ap:16.2f}{literal[0]:20.2f}{literal[1]:20.2f}")

# %% [markdown]
# Three things to see.
#
# - Average precision notices that the ranking was ruined. The literal reading over all scores stays where it was: there is no ranking in it.
# - The literal reading depends on the cut-off. Average precision has none.
# - For a perfect detector all of them agree. Check a formula only with perfect input and this slip stays hidden.
#
# So the formula on the slide is right, and so is the range 0.5 to 0.95. Only one sentence folded **two loops** into one: the inner one walks over *score*
# thresholds and gives an AP; the outer one goes over *IoU* thresholds and averages those APs, as COCO does. It is an easy slip: with n
# thresholds of each kind around, one word is enough. Now you know how one can tell.

# %% [markdown]
# ## Interpolation
#
# Back to the toy. Its curve is a zigzag, and the teeth are an accident: a few plates more and they lie elsewhere. So the first big benchmark, PASCAL VOC, chose to
# smooth them: at each recall take *the best precision at this recall or any higher one*,
#
# $$ P_{\text{interp}}(r) = \max_{r' \ge r} P(r') . $$
#
# The result, the **envelope**, never rises. Until 2009 VOC then averaged it at the **11 recalls** 0, 0.1, ..., 1 (Everingham et al., 2010).
#
# ### Exercise: eleven numbers by hand
#
# Read the envelope off the figure at each dotted line. Where no point lies on the line or to the right of it, the value is 0.

# %%
figures.envelope(precision, recall)

# %% [markdown]
# Write a list of eleven numbers, for recall 0, 0.1, 0.2, ..., 1. Three digits or two, as you like.
#
# <details><summary>Hint</summary>
#
# For the line at 0.5: cover everything to the left of it with your hand. How high is the highest point that you still see?
#
# </details>

# %% exercise="voc-by-hand"
# BEGIN SOLUTION
eleven = [1, 1, 1, 0.75, 0.625, 0.625, 0.625, 0.6, 0, 0, 0]
# END SOLUTION

# %% check="voc-by-hand"
check("voc-by-hand", eleven)

# %% [markdown]
# Eleven points are coarse. So VOC went on to the exact area under the envelope in 2010, and COCO (Lin et al., 2014) chose **101 recalls**: 0, 0.01, ..., 1. Together
# with the deck's steps that makes four conventions, all called "AP". Before you run the next cell: of the deck's steps and
# VOC's exact area, which must be the smaller one, and why?

# %%
figures.conventions(precision, recall)

# %% [markdown]
# The envelope lies on or above the curve, so its area cannot be smaller than that of the steps. The two on the right sample the envelope, and may land on either
# side. Differences like these are as large as the progress that some papers report. **Never compare two APs before you know that they follow one convention**,
# and use somebody's evaluator instead of writing your own (or write your own and prove that it is equal, as you will in a moment).

# %% [markdown]
# ## AP over .50:.95
#
# Lesson 11 ended with a question: which IoU threshold? VOC takes 0.5, with one AP for each class (COCO writes the mean over the classes at that threshold AP50). It cannot tell a loose outline from
# a tight one. COCO lets the threshold go from 0.50 to 0.95 in steps of 0.05 and averages the ten APs. This is the outer loop.

# %%
figures.by_threshold(matches, BAKWAN)

# %% [markdown]
# ## Mean Average Precision
#
# AP belongs to one class. The deck's last formula averages over the classes:
#
# $$ mAP = \sum_{i=1}^{n} \frac{AP_i}{n} $$
#
# with $AP_i$ the AP of class $i$ and $n$ the number of classes. As in lesson 12, every class weighs the same, however rare. Average over classes, not over
# photos: an AP of a single photo, with its handful of pieces, would be mostly chance.
#
# A class of which the split has no object has no recall, so it has no AP. It is left out, not counted as 0.

# %%
evaluation = evaluate_images(pairs, classes=LABELS)
figures.ap_table(evaluation)

# %% [markdown]
# Every entry of this table is one walk down a ranking. A single number stands for all of them. It is good for a league table; when you want to know *what*
# is wrong with a detector, look at the table, at the curves, and at the plates.
#
# (COCO calls this mean simply "AP": it names the range of IoU, and leaves out that it is a mean over classes as well.)

# %% [markdown]
# ## Four traps
#
# Four times somebody measured one thing twice and got two numbers. The next cell measures everything afresh.

# %%
print(f"{'':42}   one   another")
for what, one, another in strange_numbers():
    print(f"{what:42} {one:.3f}   {another:.3f}")

# %% [markdown]
# These are the causes, in another order:
#
# - `"ties"`: the detections have equal scores, and the photos were numbered in another order;
# - `"envelope"`: somebody took the interpolated precision where the raw one belongs;
# - `"id 0"`: the annotations are numbered from 0, and the evaluator (pycocotools) writes 0 for "matched nobody";
# - `"box area"`: the results carry a box beside each mask, and the evaluator (pycocotools again) takes width times height for the size of the *mask*.
#
# ### Exercise: which trap?
#
# Write the four causes in the order A, B, C, D: a list like `["ties", "envelope", "id 0", "box area"]`.
#
# <details><summary>Hint</summary>
#
# Start with the one you are sure of. Which symptom speaks of sizes? Which of a single cut-off? For which of the other two can the order of
# a list not matter?
#
# </details>

# %% exercise="which-trap"
# BEGIN SOLUTION
causes = ["id 0", "ties", "box area", "envelope"]
# END SOLUTION

# %% check="which-trap"
check("which-trap", causes)

# %% [markdown]
# What to do about them: number annotations from 1. Keep the scores as the network gave them, unrounded: among equals the order of the list
# decides, and it means nothing. Write mask results without boxes. And compute
# F1 from counts, never from an AP's curve: the envelope borrows precision from other cut-offs.

# %% [markdown]
# ## Equal to COCO's evaluator
#
# `pycocotools` is the program that the COCO benchmark itself uses. Its verdict on a file of detections is what papers print. Here is its summary of our
# detections, in its own format, but computed by the evaluator of this course:

# %%
ours = summarize(evaluation)

# %% [markdown]
# The first line is the mAP. Lines 2 and 3 stay at one IoU threshold, 4 to 6 look at pieces of one size only (in pixels: below 32², to 96², above; -1 means that
# there is none). The last six are **average recall**: lines 7 to 9 the highest recall reached when each photo may have 1, 10 or 100 detections of a class, 10 to 12 by size again.
#
# And pycocotools itself? We ask it and compare all twelve lines.

# %%
theirs = pycocotools_lines(val_file(), results(found))
print("the twelve values are equal:", bool((ours == theirs).all()))

# %% [markdown]
# Equal means `==` here, to the last bit. The tests of this course demand the same of several hundred random data sets.
#
# Now it is your turn. The last exercise is the whole of COCO's mAP, from the curves on.
#
# ### Exercise: COCO's mAP
#
# You get the curves of all classes at all IoU thresholds. Give back the one number. **The last case of the check is this very split**, so if you pass, your own
# mAP is pycocotools'.
#
# <details><summary>Hint</summary>
#
# The envelope at a recall `r` needs no sorting and no search: it is the largest of `precision[recall >= r]`, or 0 if there is none. Do that for the
# 101 recalls and take the mean: the AP of one curve. Then the mean over a class's curves, then over the classes that are not `None`.
#
# </details>

# %% exercise="coco-map"
RECALLS = np.linspace(0, 1, 101)


def coco_map(curves):
    """COCO's mean average precision, one number.

    curves: a list with an entry for each class: a list of (precision, recall), one pair
    of arrays for each IoU threshold, in order of rising recall; or None for a class
    without objects. The arrays are empty where nothing was detected.
    """
    # BEGIN SOLUTION
    class_means = []
    for class_curves in curves:
        if class_curves is None:
            continue
        values = []
        for precision, recall in class_curves:
            for r in RECALLS:
                reached = precision[recall >= r]
                values.append(reached.max() if len(reached) else 0.0)
        class_means.append(np.mean(values))
    return float(np.mean(class_means))
    # END SOLUTION


# %% check="coco-map"
check("coco-map", coco_map)

# %%
split_curves = curves(matches)
each = [np.mean([ap.coco_ap(*curve) for curve in of_class]) for of_class in split_curves]
print(", ".join(f"{name} {value:.2f}" for name, value in zip(CLASSES, each)))
print(f"the mean of these is pycocotools' mAP: {np.isclose(np.mean(each), theirs[0])}")

# %% [markdown]
# If your check is green, you have rebuilt the number that a whole field is ranked by, and you know what is inside: a matching, a ranking, an envelope, 101 recalls, ten
# IoU thresholds, and a mean over classes.

# %% [markdown]
# ## What you now know
#
# - Sort all detections by score and walk down: the precision-recall curve. Right: up and to the right; wrong: straight down.
# - AP is the area under it. The deck's sum is that area in steps, if its thresholds are **scores**.
# - There are two loops: over scores (inside an AP) and over IoU thresholds (averaging APs). mAP then averages over classes.
# - VOC's 11 points, VOC's exact area and COCO's 101 points use the envelope and differ in the last digits that papers argue about.
# - F1 comes from raw counts at a stated cut-off, never from the envelope.
#
# ## Test yourself
#
# 1. You multiply all scores of a detector by 0.5. What happens to its AP, and what to its F1 at the cut-off 0.5?
# 2. You add a thousand wrong detections, all with scores below every right one. What happens to AP?
# 3. Two detectors have the same mAP. Can one be better at IoU 0.5 and the other at 0.9?
#
# <details><summary>Answers</summary>
#
# 1. AP stays: only the order matters. F1 falls to 0 if no score reaches 0.5 any more; it depends on the values.
# 2. Nothing: the curve falls straight down at its last recall, which adds no area. (COCO cuts the list at 100 for each
#    photo and class, so it would matter if they pushed right ones out. Here they are last.)
# 3. Yes. A mean hides where its parts come from. Look at the table.
#
# </details>
#
# ## Read more
#
# - M. Everingham et al., "The PASCAL Visual Object Classes (VOC) Challenge", International Journal of Computer Vision 88, 2010: the 11 points and why.
# - T.-Y. Lin et al., "Microsoft COCO: Common Objects in Context", ECCV 2014, and the evaluation page at cocodataset.org: 101 points, ten thresholds, areas.
# - R. Padilla, S. Netto, E. da Silva, "A Survey on Performance Metrics for Object-Detection Algorithms", IWSSIP 2020: one toy worked through every convention.
# - D. Bolya et al., "TIDE: A General Toolbox for Identifying Object Detection Errors", ECCV 2020: what to ask after the mAP.
# - The deck's *additional resources*, two introductions to mean average precision: <https://www.kdnuggets.com/2021/03/evaluating-object-detection-models-using-mean-average-precision.html> and <https://programmersought.com/article/46924759663/>.
#
# **Next**: [14 · The plate](14_the_plate.ipynb)

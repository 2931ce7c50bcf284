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
# - get the same number as COCO's own evaluator, and spring four traps in which others got another one.
#
# **Time**: about 90 minutes · **Builds on**: lessons 11 and 12 · **You build**: the curve, the deck's sum, and COCO's mAP; at the end your own evaluator stands beside pycocotools.

# %% setup=true
import numpy as np
from sklearn.metrics import average_precision_score

from course_utils.exercises.lesson_13 import BAKWAN, LABELS, TAHU, check, ranked, toy, validation
from course_utils.exercises.traps_13 import in_other_order, pycocotools_lines, val_file, with_boxes
from course_utils.exercises.yours import yours
from course_utils.explorables.walk import walk
from course_utils.metrics import average_precision as ap
from course_utils.metrics.batch import match_images
from course_utils.metrics.coco import results, summarize
from course_utils.metrics.evaluation import evaluate_images
from course_utils.metrics.instances import Detections
from course_utils.metrics.scores import count_matches
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
# As long as no two scores are equal every point is one score cut-off: the curve holds all positions of lesson 12's slider at once. (A cut-off
# cannot pass between equal scores. The curve walks through them one by one all the same, in the order of the list; remember that for the
# second trap below.) Walk down the list yourself:

# %%
walk(right, scores, objects)

# %% [markdown]
# ### Exercise: the curve
#
# From a list of detections in any order to the points of the curve.


# %% exercise="ranked-curve"
def precision_recall(right, scores, objects):
    """Precision and recall after each detection, the surest first.

    right: (N,) of bool, whether a detection found something; scores: (N,); objects:
    how many there are to find. Returns two arrays (N,); N may be 0. Equal scores keep
    the order they come in.
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
# where $R(k)$ and $P(k)$ are recall and precision at threshold $k$. Let the thresholds be **scores**, in ascending order. The one with the number $k = 0$ is the lowest and keeps every
# detection, so recall is highest; each further threshold drops some, and recall falls. Beyond the last nothing is left: $R(n) = 0$, and $P(n) = 1$ by
# agreement, as nothing was said that could be wrong. (It takes no part in the sum, which ends at $n - 1$.)
#
# Each term is a rectangle: its width is the recall lost from one threshold to the next, its height the precision. Where a threshold drops a wrong
# detection no recall is lost, and the rectangle has no width.

# %%
curve_of = yours("ranked-curve", precision_recall)
precision, recall = curve_of(right, scores, objects)
figures.steps(precision, recall)

# %% [markdown]
# ### Exercise: the deck's sum
#
# Write the formula. What is $R(k + 1)$ for the last $k$?


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
# at 6/8, and we shrink its width by as much. Will the two agree? And on a list of two detections with equal scores, the first right and the second wrong, of one object?

# %%
deck_sum = yours("deck-formula", average_precision_sum)
two_equal = np.array([True, False]), np.array([0.5, 0.5]), 1
lists = {"the toy": (right, scores, objects), "two equal scores": two_equal}
for name, (hit, score, there) in lists.items():
    p, r = curve_of(hit, score, there)
    sklearn_ap = average_precision_score(hit, score) * hit.sum() / there
    print(f"{name}: the deck's sum {deck_sum(p[::-1], r[::-1]):.4f}, scikit-learn's {sklearn_ap:.4f}")

# %% [markdown]
# With equal scores they differ: scikit-learn keeps or drops them together, as a cut-off must, and sees one point of precision 1/2. Our curve, like COCO's, walks
# through them in the order in which they happen to be listed; listed the other way round, it would give 1/2 as well.

# %% [markdown]
# ## Which thresholds?
#
# Read the deck's first step again: *"Menghitung precision dan recall dari n titik threshold **IoU**. Ex: range 0.5 - 0.95"*, compute precision and recall
# at n **IoU** thresholds. But we have just used n **score** thresholds. Does it matter?
#
# Let us take it by its letter and see, with the bakwan of all 100 plates of the validation split. The detector is the **simulated** one of lessons 11 and
# 12: true masks, spoilt at random, so its numbers say how a metric behaves and nothing about any network.
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
# precision-recall curve, and the shaded area, which the deck's sum measures there, means little. Worse, the slider is back: another cut-off, another number.
#
# The next two cells write the literal reading out, with your own sum, and compute both readings, three times: for our detector; for the same masks with their scores **shuffled**, so that the
# ranking is worthless; and for a **perfect** detector. Predict: which numbers will change when scores are shuffled, and which one has to?

# %%
rng = np.random.default_rng(12)
shuffled_scores = rng.permutation(np.concatenate([d.scores for d in found.values()]))
ends = np.cumsum([len(d) for d in found.values()])[:-1]
shuffled, perfect = [], []
for (t, d), s in zip(pairs, np.split(shuffled_scores, ends)):
    shuffled.append((t, Detections(d.labels, d.regions, s)))
    perfect.append((t, Detections(t.labels, t.regions, np.full(len(t), 0.9))))


def literal_reading(images, cutoff):
    """The deck's sum over IoU thresholds, averaged over the foods."""
    m = match_images(images, classes=LABELS)
    at = [count_matches(m, t, min_score=cutoff) for t in m.thresholds]
    p, r = np.array([row.precision for row in at]), np.array([row.recall for row in at])
    return np.mean([deck_sum(p[:, food], r[:, food]) for food in range(len(LABELS))])


# %%
print("               average precision   literal, all scores   literal, from 0.7")
for name, images in (("simulated", pairs), ("shuffled", shuffled), ("perfect", perfect)):
    mean_ap = evaluate_images(images, classes=LABELS).average_precision()
    literal = [literal_reading(images, cutoff) for cutoff in (0.0, 0.7)]
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

# %% exercise="voc-by-hand"
# BEGIN SOLUTION
eleven = [1, 1, 1, 0.75, 0.625, 0.625, 0.625, 0.6, 0, 0, 0]
# END SOLUTION

# %% check="voc-by-hand"
check("voc-by-hand", eleven)

# %%
figures.envelope(precision, recall, yours("voc-by-hand", eleven))

# %% [markdown]
# The envelope fills the zigzag's teeth, and your eleven numbers lie on it. Eleven points are coarse. So VOC went on to the exact area under the envelope in 2010, and COCO (Lin et al., 2014) chose **101 recalls**: 0, 0.01, ..., 1. Together
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
# Lesson 11 ended with a question: which IoU threshold? VOC takes 0.5, with one AP for each class; their mean is what COCO calls AP50. It cannot tell a loose outline from
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
# `pycocotools` is the program that the COCO benchmark itself uses; its verdict on a file of detections is what papers print. Four
# times somebody measured one thing twice with it and got two numbers. Spring the traps yourself: each cell changes one thing that
# should not matter. Before you run each: will the number change, and upwards or downwards?
#
# **Trap A.** One plate, and as "detections" a copy of its truth: perfect. The truths are numbered, once from 1, once from 0.

# %%
truth_file, rows = val_file(), results(found)
image = truth_file["images"][0]
pieces = [one for one in truth_file["annotations"] if one["image_id"] == image["id"]]
fields = ("image_id", "category_id", "segmentation")
copies = [{field: one[field] for field in fields} | {"score": 1.0} for one in pieces]
for first in (1, 0):
    numbered = [one | {"id": number} for number, one in enumerate(pieces, first)]
    plate = truth_file | {"images": [image], "annotations": numbered}
    print(f"numbered from {first}: mAP {pycocotools_lines(plate, copies)[0]:.3f}")

# %% [markdown]
# pycocotools notes for each detection the id of its truth, and 0 for nobody. So truth number 0 is found by nobody, ever.
#
# **Trap B.** All scores have got lost and are 1. The photos are numbered forwards, then backwards; not one pixel is another.

# %%
lost = [row | {"score": 1.0} for row in rows]
print(f"forwards:  AP50 {pycocotools_lines(truth_file, lost)[1]:.3f}")
print(f"backwards: AP50 {pycocotools_lines(*in_other_order(truth_file, lost))[1]:.3f}")

# %% [markdown]
# Among equal scores the order of the list decides, and it means nothing. Scores that were rounded, or capped at 1, do the same in small.
#
# **Trap C.** The results carry a box beside each mask. The masks are what is judged.

# %%
print(f"masks alone:    AP of medium pieces {pycocotools_lines(truth_file, rows)[4]:.3f}")
print(f"boxes as well:  AP of medium pieces {pycocotools_lines(truth_file, with_boxes(rows))[4]:.3f}")

# %% [markdown]
# With a box there, pycocotools takes its width times height for the size of the *mask*, and a detection counts as large that is not.
#
# **Trap D.** The F1 of the toy, for scores from 0.6 on: from the raw curve, and from the envelope.

# %%
f1 = yours("f1-score")
last = int((scores >= 0.6).sum()) - 1
print(f"raw:      F1 {f1(precision[last], recall[last]):.3f}")
print(f"envelope: F1 {f1(ap.envelope(precision)[last], recall[last]):.3f}")

# %% [markdown]
# The envelope borrows a precision from another cut-off: no cut-off gives that F1.
#
# So: number annotations from 1; keep the scores as the network gave them; write mask results without boxes; compute F1 from counts.

# %% [markdown]
# ## Equal to COCO's evaluator
#
# Here is pycocotools' summary of our detections, in its own format, but computed by the evaluator of this course:

# %%
ours = summarize(evaluation)

# %% [markdown]
# The first line is the mAP. Lines 2 and 3 stay at one IoU threshold, 4 to 6 look at pieces of one size only (in pixels: below 32², to 96², above; -1 means that
# there is none). The last six are **average recall**: the highest recall reached, averaged over the ten IoU thresholds and all classes, when each photo may have 1, 10 or 100 detections of a class (lines 7 to 9), and by size (10 to 12).
#
# And pycocotools itself? We ask it and compare all twelve lines.

# %%
theirs = pycocotools_lines(truth_file, rows)
print("the twelve values are equal:", bool((ours == theirs).all()))

# %% [markdown]
# Equal means `==` here, to the last bit. The tests of this course demand the same of several hundred random data sets.
#
# Now it is your turn. The last exercise is the whole of COCO's mAP, from the curves on.
#
# ### Exercise: COCO's mAP
#
# You get the curves of all classes at all IoU thresholds. Give back the one number.

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

# %% [markdown]
# ## Your evaluator
#
# Now all of it at once, with nothing from the course's evaluator and nothing from pycocotools: your IoU finds who overlaps whom, your matching who found what,
# your curves rank it, your mean makes one number of it. A hundred plates, six foods, ten IoU thresholds. Will it be pycocotools' number? To how many digits?

# %%
parts = {"IoU": yours("mask-iou"), "matching": yours("greedy-match")}
parts |= {"counts": yours("count-outcomes"), "curve": curve_of}
parts |= {"mAP": yours("coco-map", coco_map)}
thresholds = np.linspace(0.5, 0.95, 10)
hits, labels, all_scores, counts = [], [], [], np.zeros((10, 3), int)
for t, d in pairs:
    d = d.select(np.argsort(-d.scores, kind="stable"))
    iou = parts["IoU"](d.regions.masks, t.regions.masks)
    taken = [parts["matching"](iou, d.scores, d.labels, t.labels, at) for at in thresholds]
    counts += [parts["counts"](one, len(t)) for one in taken]
    hits.append(np.array(taken) >= 0)  # (10, D)
    labels.append(d.labels)
    all_scores.append(d.scores)
hits, labels, all_scores = np.hstack(hits), np.hstack(labels), np.hstack(all_scores)

# %%
all_truths = np.hstack([t.labels for t, _ in pairs])
your_curves = []
for food in LABELS:
    of_food, there = labels == food, int((all_truths == food).sum())
    each = [parts["curve"](row[of_food], all_scores[of_food], there) for row in hits]
    your_curves.append(each if there else None)
your_map = parts["mAP"](your_curves)
print(f"{'part':10} whose")
for name, part in parts.items():
    print(f"{name:10} {part}")
print("TP, FP, FN at IoU 0.50:", *counts[0], "and at 0.95:", *counts[-1])
print(f"mAP {your_map:.6f}, pycocotools {theirs[0]:.6f}, equal: {abs(your_map - theirs[0]) < 1e-12}")

# %% [markdown]
# A part that is not yours yet is named in the table; answer its exercise, save, and run the lesson again. Then break one of your parts (a `>` for a `>=` in the
# matching of lesson 11, say): its check refuses it, and the course's takes its place here. You have rebuilt the number that a whole field is ranked by, and you
# know what is inside.

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
# - R. Padilla, S. Netto, E. da Silva, "A Survey on Performance Metrics for Object-Detection Algorithms", IWSSIP 2020: the two conventions with 11 points and with all points, compared on one toy.
# - D. Bolya et al., "TIDE: A General Toolbox for Identifying Object Detection Errors", ECCV 2020: what to ask after the mAP.
# - The deck's *additional resources*, two introductions to mean average precision: <https://www.kdnuggets.com/2021/03/evaluating-object-detection-models-using-mean-average-precision.html> and <https://programmersought.com/article/46924759663/>.
#
# **Next**: [14 · The plate](14_the_plate.ipynb)

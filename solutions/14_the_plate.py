# %% [markdown]
# # 14 · The plate
#
# How many kilocalories lie on a plate of street food? One photo, six kinds of snacks, some of them on top of others. This lesson opens the
# case study: what makes the question hard, which data an answer needs, and what it means to outline a thing that cannot be seen.
#
# **You will be able to**
# - name the two problems of the case study, and the part of the system that answers each;
# - say what amodal segmentation is, how much of a piece is hidden, and how well a hidden part was guessed;
# - outline a covered piece yourself, and turn your polygon into a mask;
# - look at a data set before you train on it, and read its annotations in whichever of three formats they come.
#
# **Time**: about 60 minutes · **Builds on**: lessons 01, 02 and 11 · **You build**: a polygon rasteriser, an amodal score and a reader of annotations.

# %% setup=true
import numpy as np

from course_utils import masks
from course_utils.calories import features, nutrition
from course_utils.calories.estimator import course_estimator
from course_utils.dataset import load
from course_utils.exercises.lesson_14 import check
from course_utils.exercises.yours import yours
from course_utils.explorables.drawing import drawing
from course_utils.plots import the_plate

plates = load("val")

# %% [markdown]
# ## Pengaplikasian segmentasi citra: segmentation at work
#
# From here on the course follows one piece of work: the master's thesis of Aditama (2022), *Indonesian Street Food Calorie Estimation using Mask R-CNN and
# Multiple Linear Regression*. Its photos are private, so ours are rendered: the same six foods, the same two scenarios, the same way of weighing, and
# a truth that is exact.
#
# The six foods are sold at the roadside all over Java: **bakwan**, a fritter of vegetables; **bolu**, a round sponge cake; **cireng**, fried dough of tapioca; **serabi**, a small
# pancake of rice flour and coconut; **tahu**, fried tofu; **tempe**, a cake of fermented soybeans, sliced and fried.
#
# Look at this plate. How many pieces are there, how much do they weigh together, and how many kilocalories are they? Write down three numbers.

# %%
plate = plates[3]
the_plate.one_plate(plate)

# %%
true_kcal = nutrition.kcal(plate.labels, plate.weights_g)
print(f"{len(plate.labels)} pieces, {plate.weights_g.sum():.0f} g, "
      f"{true_kcal.sum():.0f} kcal")

# %% [markdown]
# How far off were you? Hard to guess, isn't it, and hardest for what lies underneath. A program that is off by a tenth would be worth having.
#
# ## Permasalahan: two problems
#
# **The first problem: things lie on things.** Here is one piece of that plate. Before you run the cell: which share of its area can the camera see?

# %%
hidden = plate.occlusion_rates
covered = int(np.argmax(np.where(hidden < 0.7, hidden, 0)))
areas = [features.measure(stack[covered], plate.px_per_cm).area_cm2
         for stack in (plate.visible_masks, plate.masks)]
the_plate.visible_and_whole(plate, covered, areas)

# %% [markdown]
# Whoever weighs only what is visible has forgotten the rest, and with it the kilocalories. Ordinary instance segmentation gives exactly that: the visible part.
#
# **The second problem: one number is little.** Suppose the outline is perfect. From its area one predicts the weight with a straight line; Abdelhady et al. (2019), who
# weighed sheep that way, report a low R² (how much of the differences in weight the line explains). Would it help to measure more than the area?

# %% [markdown]
# ## Solusi: the solution, in three parts
#
# 1. **A data set** of Indonesian street food in six classes, annotated *amodally*: this lesson.
# 2. **Mask R-CNN trained for amodal instance segmentation**, so that it outlines what it cannot see: lessons 15 and 16.
# 3. **Multiple linear regression**, more features than one: lesson 17.
#
# Put one after the other (*alur sistem*, the flow of the system) they make lesson 18. Here is where we are going; for now with true outlines in place of a network's. Solid is what can be seen, dashed what is hidden.

# %%
meal = course_estimator().estimate(plate.labels, plate.masks, plate.px_per_cm)
tempe = [piece.name for piece in plate.instances].index("tempe")
the_plate.the_system(plate, tempe, meal)

# %%
low, high = meal.interval
print(f"estimate {meal.kcal:.0f} kcal, range {low:.0f} to {high:.0f}, "
      f"truth {true_kcal.sum():.0f}")

# %% [markdown]
# (The range was measured on plates as a network sees them, missed pieces included, so that it holds the truth nine times out of ten. Lesson 18 makes it, and counts how often it does.)
#
# Step 2 is the hard one, and it is the heart of this course. The building of the system (*tahap pembangunan sistem*) has the same order: first two data sets, one for
# Mask R-CNN and one for the regression, then training, then tests.

# %% [markdown]
# ## Amodal instance segmentation
#
# What do you see on the left?

# %%
the_plate.behind_the_square()

# %% [markdown]
# A square on a disc, says everybody, and nobody has seen that disc. Psychologists call it *amodal completion*: we perceive things as wholes, also where no light from
# them reaches the eye.
#
# **Amodal instance segmentation** asks a program for the same: segment every instance *including its occluded part*, to mimic the human ability to interpret what is seen
# (Qi et al., 2019). Three words will follow us:
#
# - **amodal mask**: the whole piece;
# - **visible mask** (also *modal* or *inmodal*): what the camera sees of it;
# - **occlusion rate**: the hidden share of the whole,
#
# $$\text{occlusion rate} = 1 - \frac{|\text{visible}|}{|\text{amodal}|}.$$
#
# ### Exercise: how much is hidden?


# %% exercise="occlusion-rate"
def occlusion_rate(amodal, visible):
    """Hidden share of a piece, from two masks (H, W) of bool."""
    # BEGIN SOLUTION
    return 1 - visible.sum() / amodal.sum()
    # END SOLUTION


# %% check="occlusion-rate"
check("occlusion-rate", occlusion_rate)

# %% [markdown]
# ## Draw what you cannot see
#
# Time to be the annotator. One piece of the plate below, a bolu, lies partly under a bakwan. Its whole outline is what we want from you. Where would you
# draw the hidden border, and why there?

# %%
heap = plates[20]
hidden_bolu = [piece.name for piece in heap.instances].index("bolu")
the_plate.one_plate(heap)

# %% [markdown]
# Click around it, corner by corner. The score below the picture is your **IoU** with the exact truth (lesson 11): with the whole piece, and with its hidden part alone. What is your best? And which of the two numbers is
# the harder one to raise?

# %%
drawing(heap, hidden_bolu)

# %% [markdown]
# Annotation tools store an outline as a **polygon**: corners (x, y) in order, the last one joined to the first. x counts to the right, y downwards. The line below the picture is your drawing in this form: **copy it over the next
# line**, and the rest of the lesson works on yours. Until then it is a lazy one with four corners: three where the border can be seen, and a wild guess.

# %%
my_polygon = [(184, 90), (214, 127), (184, 164), (154, 127)]

# %% [markdown]
# Before your polygon can be compared with anything it has to become a mask. A pixel belongs to it when its **middle** lies inside: pixel `[row, column]` has its
# middle at x = column + 0.5, y = row + 0.5. And what is "inside"? Walk from the point straight to the right, as far as you can see, and count the edges that
# you cross. Odd: you were inside. (Try it on paper with a polygon that has a dent.)
#
# One trap. If a corner lies at exactly the height of your walk, do you cross two edges there, or one, or none? Passing a tip you should count two or none, passing a corner at the side one. It comes out right if of each
# edge the upper end counts and the lower one does not (or the other way round, but the same for all).
#
# ### Exercise: polygon to mask
#
# Fill the polygon: for the middle of each pixel, count the edges that a walk to the right crosses.


# %% exercise="polygon-to-mask"
def polygon_to_mask(points, height, width):
    """Mask (height, width) of bool of a polygon.

    points: its corners, (N, 2) of float, each (x, y). A pixel whose middle lies
    exactly on an edge may be in or out.
    """
    # BEGIN SOLUTION
    y, x = np.mgrid[:height, :width] + 0.5
    inside = np.zeros((height, width), dtype=bool)
    for (x1, y1), (x2, y2) in zip(points, np.roll(points, -1, axis=0)):
        if y1 != y2:
            spans = (y1 > y) != (y2 > y)
            crossing = x1 + (y - y1) / (y2 - y1) * (x2 - x1)
            inside ^= spans & (x < crossing)
    return inside
    # END SOLUTION


# %% check="polygon-to-mask"
check("polygon-to-mask", polygon_to_mask)

# %% [markdown]
# Now the score, with the polygon filled by your function. The thesis counts a piece as found from an IoU of 0.85 on, and more strictly from 0.90 on.

# %%
fill = yours("polygon-to-mask", polygon_to_mask)


def mask_of(polygon):
    return fill(np.array(polygon, dtype=float), *heap.size)


def score(polygon):
    drawn = mask_of(polygon)
    iou = masks.iou(drawn[None], heap.masks[hidden_bolu][None])[0, 0]
    title = f"IoU with the whole piece: {iou:.2f}"
    the_plate.drawn_against_truth(heap, hidden_bolu, drawn, title)


score(my_polygon)

# %% [markdown]
# And here is one that we drew by eye, without looking at the truth. Before you run it: where will it be wrong, on the border that can be seen or on the hidden one?

# %%
our_polygon = [
    (150, 98), (160, 91), (172, 92), (185, 90), (198, 93), (207, 103), (212, 118),
    (214, 132), (211, 147), (203, 158), (190, 163), (176, 164), (162, 161), (150, 153),
    (141, 141), (138, 127), (141, 111),
]
score(our_polygon)

# %% [markdown]
# People are surprisingly good at this: we know that a bolu is round. A network has to learn it from examples; lesson 15 shows what it invents.
#
# ### Exercise: a score for the hidden part alone
#
# A part of that IoU was easy: where the border can be seen, you only traced it. To know how good the *guess* was, keep of both masks only what lies behind the pieces in front, and take the IoU of what remains.
#
# Where neither mask has a pixel behind the pieces in front, nothing was guessed, and there is no score: NaN.
#
# What does somebody score who outlines the visible part, perfectly, and stops there? On the whole piece, and on the hidden part? The cell after the exercise answers.


# %% exercise="hidden-iou"
def hidden_iou(drawn, amodal, in_front):
    """IoU of the hidden parts of a drawn and a true mask; all masks (H, W) of bool.

    in_front: the pixels on which other pieces lie in front of this one. NaN where
    neither mask has a pixel there.
    """
    # BEGIN SOLUTION
    both = np.count_nonzero(drawn & amodal & in_front)
    either = np.count_nonzero((drawn | amodal) & in_front)
    return both / either if either else np.nan
    # END SOLUTION


# %% check="hidden-iou"
check("hidden-iou", hidden_iou)

# %%
hidden_score = yours("hidden-iou", hidden_iou)
truth, in_front = heap.masks[hidden_bolu], heap.in_front(hidden_bolu)
drawings = {"visible part only": heap.visible_masks[hidden_bolu],
            "my polygon": mask_of(my_polygon), "ours": mask_of(our_polygon)}
for words, drawn in drawings.items():
    whole = masks.iou(drawn[None], truth[None])[0, 0]
    part = hidden_score(drawn, truth, in_front)
    print(f"{words:18} whole {whole:.2f}   hidden part {part:.2f}")

# %% [markdown]
# The visible mask is a fine mask, and as an amodal one it has guessed nothing: 0. The lazy corners lost more on the hidden part than on the whole; our guess holds nearly as well where we could not see. A bolu is kind to us; a cireng may be
# a disc or a half-moon, and under another piece nobody could tell which.

# %% [markdown]
# ## Pembangunan dataset Mask R-CNN: building the data set
#
# The thesis took photos from several positions, with pieces far apart, close together and overlapping, and annotated each one amodally by hand, as you just did. It then tested in two
# scenarios (*skenario pengujian*): **occluded**, heaps; and **non-occluded**, pieces laid out. Ours has both, too.

# %%
the_plate.two_scenarios({
    "occluded": [plates[k] for k in (4, 7, 16, 30)],
    "non-occluded": [plates[k] for k in (53, 60, 71, 80)],
})

# %% [markdown]
# **Look at your data before you train on it.** Three questions; guess each answer before you run its cell. First: is any food rare? A network sees little of a rare class and learns it badly.

# %%
train = load("train")
by_scenario = {name: np.concatenate([s.labels for s in train if s.scenario == key])
               for name, key in (("heaped", "occluded"), ("laid out", "non_occluded"))}
the_plate.class_balance({name: np.bincount(labels, minlength=7)[1:]
                         for name, labels in by_scenario.items()})

# %% [markdown]
# Second: how much is hidden in the heaps?

# %%
how_much = yours("occlusion-rate", occlusion_rate)
rates = np.array([how_much(piece.mask, piece.visible_mask)
                  for s in train if s.scenario == "occluded" for piece in s.instances])
the_plate.how_hidden(rates)

# %% [markdown]
# The tall bar on the left is the pieces on top: in every heap somebody lies uppermost. The long tail to the right will decide lesson 16.
#
# Third: which food weighs least, and which has the fewest kilocalories? Is it the same one?

# %%
labels = np.concatenate([s.labels for s in train])
grams = np.concatenate([s.weights_g for s in train])
the_plate.weights_and_energy(labels, grams, nutrition.kcal(labels, grams))

# %%
names = dict(zip(labels.tolist(), np.concatenate([[p.name for p in s.instances] for s in train])))
for label, name in sorted(names.items()):
    print(f"100 g of {name:7} {nutrition.kcal(np.array([label]), np.array([100.0]))[0]:4.0f} kcal")

# %% [markdown]
# It is not: a gram of tahu has a third of the energy of a gram of tempe. So taking one for the other can cost more kilocalories than a bad outline. Remember it
# when we add up the errors in lesson 18.

# %% [markdown]
# ### Exercise: has the test seen the training set?
#
# One more check, easily forgotten. A test is worth something only if its pieces are new. Each photo in these lists comes with the
# piece it shows, as `(file name, item id)`. Which pieces are in both splits? Each of them once, in alphabetical order.


# %% exercise="shared-pieces"
def shared_pieces(train, test):
    """Sorted list of the item ids that occur in both lists of (file name, item id)."""
    # BEGIN SOLUTION
    known = {item for _, item in train}
    return sorted({item for _, item in test if item in known})
    # END SOLUTION


# %% check="shared-pieces"
check("shared-pieces", shared_pieces)


# %%
def listed(*splits):
    """(photo, item id) of every piece of these splits, as your function wants them."""
    return [(scene.id, piece.item_id)
            for split in splits for scene in load(split) for piece in scene.instances]


tested = listed("test_occluded", "test_non_occluded")
seen_before = yours("shared-pieces", shared_pieces)(listed("train"), tested)
print(f"{len({item for _, item in tested})} test pieces, {len(seen_before)} of them seen in training")

# %% [markdown]
# ## Three annotation formats
#
# Amodal data sets are few, and each writes its masks down in its own way. If you want to train on one of them, you must know which field is the whole outline. Mixing
# them up raises no error at all: both are perfectly good masks.
#
# - **COCOA** (Zhu et al., 2017): photos of COCO. Each photo has a list of *regions*, each with one amodal polygon `segmentation`, its place `order` from front to back, its
#   `occlude_rate`, and, only if something covers it, `visible_mask`.
# - **KINS of 2019** (Qi et al., 2019): streets. COCO's own fields are amodal: `segmentation`, `bbox`; the visible part is `inmodal_seg`.
# - **KINS of 2020**: the same streets. `a_segm` and `a_bbox` are amodal, `i_segm` and `i_bbox` inmodal; `oco_id` numbers the groups of pieces that overlap, and `ico_id` the places in a group, 1 in
#   front; a piece that overlaps nobody has 0 in it.
#
# Our bolu, once in each:

# %%
bolu = heap.instances[hidden_bolu]
whole, visible = masks.to_polygons(bolu.mask), masks.encode(bolu.visible_mask)
rate, place = bolu.occlusion_rate, bolu.depth_order
formats = {
    "COCOA": {"name": "bolu", "order": place, "occlude_rate": rate,
              "segmentation": whole[0], "visible_mask": visible},
    "KINS 2019": {"category_id": 2, "segmentation": whole, "inmodal_seg": visible},
    "KINS 2020": {"category_id": 2, "a_segm": whole, "i_segm": visible,
                  "oco_id": 1, "ico_id": 2},
    "this course": {"category_id": 2, "segmentation": whole, "depth_order": place,
                    "visible_segmentation": visible, "occlusion_rate": rate},
}
for name, annotation in formats.items():
    print(f"{name:12} {', '.join(annotation)}")

# %% [markdown]
# ### Exercise: read all three
#
# Given one annotation in any of the three, return its whole and its visible outline, as they are stored. Mind a piece of COCOA that nothing covers.


# %% exercise="three-formats"
def whole_and_visible(annotation):
    """(whole outline, visible outline) of an annotation in one of the three formats."""
    # BEGIN SOLUTION
    if "a_segm" in annotation:
        return annotation["a_segm"], annotation["i_segm"]
    if "inmodal_seg" in annotation:
        return annotation["segmentation"], annotation["inmodal_seg"]
    whole = annotation["segmentation"]
    return whole, annotation.get("visible_mask", whole)
    # END SOLUTION


# %% check="three-formats"
check("three-formats", whole_and_visible)

# %% [markdown]
# Real files have more traps: regions without names, ids that begin at 0, boxes that reach out of the picture. `course_utils.dataset.importers` reads all three formats whole, and says line by line what it
# could not use.

# %% [markdown]
# ## What you now know
#
# - Two problems: pieces hide each other, and one feature says little about weight. Amodal masks answer the first; whether more features answer the second is to be seen.
# - An amodal mask is the whole piece; the occlusion rate its hidden share; the IoU of the hidden part tells a guess from tracing.
# - A polygon becomes a mask by asking every pixel's middle whether it lies inside.
# - Look at the data first: class balance, occlusion, weights, and pieces that sneaked into two splits.
# - Three formats, two outlines each; a visible mask taken for an amodal one raises no error.
#
# ## Test yourself
#
# 1. A piece is entirely hidden. What is its occlusion rate, and should it be annotated?
# 2. Two annotators draw the same hidden border differently. What does that mean for the highest IoU a model can reach on photos annotated by hand? And on ours?
# 3. Somebody trains on KINS 2019 with a loader that reads `segmentation` as in COCO. Amodal or visible?
#
# <details><summary>Answers</summary>
#
# 1. It is 1. Nothing on the photo tells that it is there, so no model could find it: data sets leave such pieces out or ignore them.
# 2. No model can agree with a truth better than its annotators agree with each other. Our truth is computed from the scene, so the only limit is what can be known from the photo.
# 3. Amodal: KINS 2019 put the whole outline into COCO's own field. The visible part is in `inmodal_seg`.
#
# </details>
#
# ## Read more
#
# - L. Qi, L. Jiang, S. Liu, X. Shen and J. Jia, "Amodal Instance Segmentation With KINS Dataset", CVPR 2019, sections 1 and 3.
# - Y. Zhu, Y. Tian, D. Metaxas and P. Dollár, "Semantic Amodal Segmentation", CVPR 2017: COCOA, and how well people agree.
# - A. S. Abdelhady et al., "Automatic Sheep Weight Estimation Based on K-Means Clustering and Multiple Linear Regression", AISI 2018, 2019.
# - T. Gebru et al., "Datasheets for Datasets", Communications of the ACM 64(12), 2021; then read ours in `data/README.md`.
#
# **Next**: [15 · Amodal Mask R-CNN](15_amodal_mask_rcnn.ipynb)

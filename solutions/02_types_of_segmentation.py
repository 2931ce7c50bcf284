# %% [markdown]
# # 02 · Three kinds of segmentation
#
# "Segment this plate" is not one question but three, and a fourth that the camera cannot answer. One annotated plate is enough to
# derive them all.
#
# **You will be able to**
# - say what semantic, instance and panoptic segmentation each answer, and choose the simplest that suffices;
# - turn annotated outlines into each of the three yourself;
# - say which of them lets two pieces claim one pixel, which does not, and what that rule hides from you.
#
# **Time**: about 45 minutes · **Builds on**: lesson 01 · **You build**: the semantic map, the instance set and the panoptic map of a
# plate.

# %% setup=true
import numpy as np
from skimage import measure

from course_utils.dataset import load
from course_utils.exercises.lesson_02 import check
from course_utils.exercises.yours import yours
from course_utils.explorables.kinds import kinds as kinds_of_pixel
from course_utils.plots import three_kinds

plates = load("val")

# %% [markdown]
# ## Jenis segmentasi citra: the kinds of image segmentation
#
# Here is a plate from our data set, and what is known about it: for every piece its outline, its food, and which piece lies
# in front of which. (We chose a plate on which two pieces of one food touch.) The outlines are whole, also where another piece covers them.


# %%
def touching_twins(scene):
    """A food of which two pieces touch on this plate, or 0."""
    for label in np.unique(scene.labels):
        pieces = scene.visible_masks[scene.labels == label]
        if measure.label(pieces.any(axis=0)).max() < len(pieces):
            return int(label)
    return 0


heaps = [scene for scene in plates if scene.scenario == "occluded" and len(scene.instances) >= 4]
plate = next(scene for scene in heaps if touching_twins(scene))
three_kinds.annotated(plate)

# %%
print("piece    label  depth order  hidden")
for piece in plate.instances:
    print(f"{piece.name:8} {piece.label:3d} {piece.depth_order:9d} {piece.occlusion_rate:11.0%}")

# %% [markdown]
# A **label** is the number of a food, in the order of the alphabet: 1 bakwan, 2 bolu, 3 cireng, 4 serabi, 5 tahu, 6 tempe. **Depth order** 1 is the piece in front; the last number lies
# deepest. From these few facts everything in this lesson follows.
#
# Before you run the next cell: think of three different questions about this plate that a program could answer with a coloured map.

# %%
three_kinds.three_views(plate)

# %% [markdown]
# Three answers to three questions: *what* does each pixel show (semantic), *which piece* is it (instance), and both at once, for every pixel (panoptic). You will make all three.

# %% [markdown]
# ## Semantic segmentation
#
# **Semantic segmentation** gives every pixel of the image one label out of a list of categories (Minaee et al., 2021). It knows
# *what*, and not *which one*. Our list has the six foods, 1 to 6, and two more, for no pixel may go without: 0 for the table
# and 7 for the plate.
#
# ### Exercise: the semantic map
#
# You get the visible part of each piece, its label, and the plate as if it were empty. Paint the map.


# %% exercise="semantic-map"
def semantic_map(visible_masks, labels, plate_mask):
    """Label of every pixel.

    visible_masks: (N, H, W) of bool, no two of which share a pixel; labels: (N,) of
    whole numbers; plate_mask: (H, W) of bool. Returns (H, W) of whole numbers: 0 for
    the table, 7 for the plate, and where a piece can be seen its label.
    """
    # BEGIN SOLUTION
    result = np.zeros(plate_mask.shape, dtype=int)
    result[plate_mask] = 7
    for mask, label in zip(visible_masks, labels):
        result[mask] = label
    return result
    # END SOLUTION


# %% check="semantic-map"
check("semantic-map", semantic_map)

# %% [markdown]
# With your semantic map you can already answer something useful: how much of the plate is covered?

# %%
paint = yours("semantic-map", semantic_map)
kinds = paint(plate.visible_masks, plate.labels, plate.plate_mask)
on_plate = plate.plate_mask
print(f"{np.isin(kinds[on_plate], range(1, 7)).mean():.0%} of this plate is covered by food")

# %% [markdown]
# And here is what it can not tell. Before you run the next cell: if two pieces of the same food touch, how many areas of their
# colour will the semantic map show?

# %%
three_kinds.twins(plate, touching_twins(plate))

# %% [markdown]
# ## Instance segmentation
#
# **Instance segmentation** goes one step further: overlapping objects of the same class count as different *instances*. Its answer is not
# a map but a **set**: any number of masks, each with a label. Pixels that show no thing, like the plate's, are in none of them. Nothing forbids two masks of the set to claim the same
# pixel, and those of Mask R-CNN often do.
#
# Our annotation has whole outlines, so some pixels are claimed by several pieces:

# %%
three_kinds.owners_per_pixel(plate.masks)

# %% [markdown]
# But a pixel of a photo shows one surface only. If the set is to say what can be *seen*, each shared pixel must go to the piece
# in front.
#
# ### Exercise: who owns the pixel?
#
# You get the whole outlines and their depth order. Give for each piece the part of it that can be seen.


# %% exercise="visible-masks"
def visible_masks(masks, depth_order):
    """What can be seen of each piece.

    masks: (N, H, W) of bool, whole outlines; depth_order: (N,) of whole numbers,
    1 for the piece in front. Returns (N, H, W) of bool, no two of which share a pixel.
    """
    # BEGIN SOLUTION
    result = masks.copy()
    taken = np.zeros(masks.shape[1:], dtype=bool)
    for k in np.argsort(depth_order):
        result[k] &= ~taken
        taken |= masks[k]
    return result
    # END SOLUTION


# %% check="visible-masks"
check("visible-masks", visible_masks)

# %% [markdown]
# Now counting is easy, and so is "the second tahu from the left". Instance segmentation is the kind that Mask R-CNN does, and the one that
# most of this course is about.

# %%
uncover = yours("visible-masks", visible_masks)
seen = uncover(plate.masks, np.array([piece.depth_order for piece in plate.instances]))
names = [piece.name for piece in plate.instances]
print(", ".join(f"{names.count(name)} {name}" for name in sorted(set(names))))
print("pixels that two pieces claim:", int((plate.masks.sum(axis=0) > 1).sum()), "before,", int((seen.sum(axis=0) > 1).sum()), "after")

# %% [markdown]
# ## Panoptic segmentation
#
# The semantic map knows about the plate but melts the pieces; the instance set tells the pieces apart but knows nothing of the plate.
# **Panoptic segmentation** (Kirillov et al., 2019) joins the two. Every pixel belongs to **exactly one segment**, and there are two
# kinds of segments:
#
# - **stuff**, which has no number: *the* table, *the* plate. One segment for each class.
# - **things**, which can be counted: each piece is a segment of its own.
#
# ### Exercise: the panoptic map
#
# Give every pixel the id of its segment: 1 for the table, 2 for the plate, and 3, 4, 5, ... for the pieces in the order in which
# they are listed.


# %% exercise="panoptic-map"
def panoptic_map(semantic, visible_masks):
    """Segment id of every pixel.

    semantic: (H, W) of whole numbers, 0 table, 7 plate, 1 to 6 food; visible_masks:
    (N, H, W) of bool, no two of which share a pixel. Returns (H, W) of whole numbers.
    """
    # BEGIN SOLUTION
    segments = np.full(semantic.shape, 2)
    segments[semantic == 0] = 1
    for number, mask in enumerate(visible_masks):
        segments[mask] = 3 + number
    return segments
    # END SOLUTION


# %% check="panoptic-map"
check("panoptic-map", panoptic_map)

# %% [markdown]
# A panoptic map comes with a list that says what each segment is. Before you run the next cell: what must the areas add up to?

# %%
number = yours("panoptic-map", panoptic_map)
segments = number(kinds, seen)
words = ["table (stuff)", "plate (stuff)", *(f"{name} (thing)" for name in names)]
areas = [int((segments == k).sum()) for k in range(1, len(words) + 1)]
for k, (word, pixels) in enumerate(zip(words, areas), 1):
    print(f"segment {k:2d}: {word:15} {pixels:6d} pixels")
print(f"together {sum(areas)} of {segments.size} pixels")

# %% [markdown]
# All of them, once each: nothing is left out and nothing claimed twice. (Real data sets add one more label, *void*, for pixels that nobody could name; ours have none.)
#
# Three kinds, one plate. Point at a pixel, and see what each of them says of it.

# %%
kinds_of_pixel(plate)

# %% [markdown]
# ## What no pixel shows
#
# "Exactly one segment a pixel" sounds like tidiness. Look at what it costs: of a piece that lies underneath, the map keeps what is
# visible and forgets the rest.

# %%
deepest = int(np.argmax(np.where(plate.occlusion_rates < 0.9, plate.occlusion_rates, 0)))
three_kinds.hidden_part(plate, deepest)

# %% [markdown]
# You do not eat only the visible part. To say how many kilocalories lie on a plate we need the **whole** outline of each piece, also
# where another hides it: *amodal* segmentation. Its masks may overlap, so it can be neither a semantic nor a panoptic map; it is an
# instance set of whole outlines, exactly what our annotation holds. The last five lessons of this course are about it.
#
# ### Exercise: which question needs which?
#
# For each question, name the **simplest** kind that answers it: `"semantic"`, `"instance"`, `"panoptic"` or `"amodal"`.
#
# 1. Which share of the plate is covered by food?
# 2. How many tempe are there?
# 3. A robot is to wipe the plate without touching any piece, and later to lift the pieces one by one. Which map of the photo does it need?
# 4. How many square centimetres has the tahu that lies under the bakwan?

# %% exercise="which-question"
# BEGIN SOLUTION
kinds_needed = ["semantic", "instance", "panoptic", "amodal"]
# END SOLUTION

# %% check="which-question"
check("which-question", kinds_needed)

# %% [markdown]
# ## What you now know
#
# - Semantic segmentation: a label for every pixel; it knows *what*, not *which one*.
# - Instance segmentation: a set of masks, one for each thing; it can count, and says nothing about the rest.
# - Panoptic segmentation: every pixel in exactly one segment, stuff or thing.
# - All three come from one amodal annotation with a depth order, but none of them leads back to it.
#
# ## Test yourself
#
# 1. Which of the three can be computed from one of the others, without any annotation?
# 2. Why can amodal masks not be stored as one map with a number a pixel?
# 3. Is the sky stuff or a thing? A cloud?
#
# <details><summary>Answers</summary>
#
# 1. The semantic map from the panoptic one (with its list of segments); the visible instances as well. Nothing from the semantic map.
# 2. Two whole pieces may claim the same pixel, and a map has room for one number there.
# 3. The sky is stuff: it cannot be counted. A cloud is what you decide it to be; data sets write such decisions down.
#
# </details>
#
# ## Read more
#
# - A. Kirillov et al., "Panoptic Segmentation", CVPR 2019, sections 1 and 3: stuff, things, and the format.
# - S. Minaee et al., "Image Segmentation Using Deep Learning: A Survey", IEEE TPAMI 44(7), 2022, section 1.
# - C. Chen et al., "A Survey on Deep Learning for Localization and Mapping: Towards the Age of Spatial Machine Intelligence", arXiv, 2020: the deck's source for its pictures of the three kinds.
# - Y. Zhu et al., "Semantic Amodal Segmentation", CVPR 2017: people asked to draw what they cannot see agree remarkably well.
#
# **Next**: [03 · A network that learns](03_a_network_that_learns.ipynb)

# %% [markdown]
# # 04 · Mask R-CNN at a glance
#
# The next six lessons take Mask R-CNN to pieces. Before that, see it whole: where it comes from, what flows through it, and what it *thinks* at
# every stage of its way from a photo to masks.
#
# **You will be able to**
# - tell R-CNN, Fast R-CNN, Faster R-CNN and Mask R-CNN apart by what each of them added;
# - name the stages in their order, with the shape of what each hands on;
# - look inside a trained model, and say at which stage a piece was lost.
#
# **Time**: about 60 minutes · **Builds on**: lessons 01 to 03 · **You build**: the order of the stages, the count of the anchors,
# and a ruler for the coarseness of masks.

# %% setup=true
import math

import torch

from course_utils import boxes, masks
from course_utils.dataset import CLASSES, load
from course_utils.dataset.torch_dataset import TorchDetection
from course_utils.exercises.lesson_04 import check
from course_utils.exercises.yours import yours
from course_utils.mask_rcnn import shipped
from course_utils.mask_rcnn.roi_align import roi_levels
from course_utils.plots import family, inside

# %% [markdown]
# ## Metode instance segmentation: see it at work
#
# The model below has been trained with the command `course train` on plates like this one, but never on this one.
#
# Before you run the next cell: think of the plates of lesson 02. Which pieces will it find easily, and which not? (The figure answers for one plate; the end of this lesson for another.)

# %%
model = shipped.course_model()
plates = load("val")
number = 4
plate = plates[number]
photo, _ = TorchDetection(plates)[number]
with torch.no_grad():
    found = model([photo])[0]
inside.result(plate, found)

# %% [markdown]
# A call took a photo and gave back four things, in the order of their scores. Which of them say "what", which "where", and which
# "how sure"?
#
# <details><summary>Answer</summary>
#
# `labels` say what; `boxes` and `masks` say where, roughly and exactly; `scores` say how sure the model is. Each has one entry for each detection.
#
# </details>

# %%
for name, value in found.items():
    print(f"{name:7} {'x'.join(map(str, value.shape)):12} {value.dtype}")

# %% [markdown]
# Its masks are not yes and no but probabilities; where they exceed one half we say yes. And the model offers *more* detections than you see above: the
# figure shows those that it is at least half sure of. Move that limit yourself.

# %%
inside.score_explorable(plate, found)

# %% [markdown]
# ## Mask R-CNN and its family
#
# Mask R-CNN (*Mask Regional Convolutional Neural Network*) is an extension of Faster R-CNN, made by He and others (2017) at FAIR, Facebook AI Research.
# "Faster" than what? The family has four generations, and each answers a question that the one before left open.

# %%
family.family()

# %% [markdown]
# - **R-CNN** (Girshick et al., 2014): some other program proposes about 2000 regions. Each is cut out, warped to one size and sent through a CNN (a network of convolutions, lesson 03).
# - **Fast R-CNN** (Girshick, 2015): the CNN runs *once* over the whole photo; each region takes its features from the map (RoIPool).
# - **Faster R-CNN** (Ren et al., 2015): the regions too come from the network, from a small one on the same map, the **RPN**.
# - **Mask R-CNN** (He et al., 2017): *parallel* to the branch for class and box, another gives a mask for each region, and **RoIAlign** takes care that it lies where it should.
#
# (The idea of sharing the CNN is older than Fast R-CNN by a year: He et al.'s SPPnet, 2014. Fast R-CNN was the first of *this family* to do so.)
#
# How many pixels did the first of these steps save? R-CNN warped each region to 227 by 227 pixels. Before you run the next cell: guess how many times more
# pixels went through its CNN than through that of Fast R-CNN, for a photo of ours.

# %%
regions = 2000 * 227 * 227
once = photo.shape[1] * photo.shape[2]
print(f"about {round(regions / once, -2):.0f} times as many")

# %% [markdown]
# Pixels are not seconds: Fast R-CNN's photos were larger than ours, and much else takes time. Its paper reports that testing a photo became about 150 times as fast.
#
# ### Exercise: who was the first?
#
# For each sentence name the model of this family that did it first: `"R-CNN"`, `"Fast R-CNN"`, `"Faster R-CNN"` or `"Mask R-CNN"`.
#
# 1. All regions share the work of one pass through the CNN.
# 2. Regions are described by a CNN at all, one pass for each.
# 3. The network proposes the regions itself.
# 4. Each object gets a mask.

# %% exercise="family"
# BEGIN SOLUTION
first_to_do_it = ["Fast R-CNN", "R-CNN", "Faster R-CNN", "Mask R-CNN"]
# END SOLUTION

# %% check="family"
check("family", first_to_do_it)

# %% [markdown]
# ## Bagian-bagian Mask R-CNN: the parts, and what flows between them
#
# `model.trace` runs the same model and keeps what every stage gives. Everything in the rest of this lesson is in this one dictionary.

# %%
trace = model.trace(photo)
family.flow(trace)

# %% [markdown]
# Follow the shapes from block to block. Where does the picture end and where do *lists of boxes* begin? How many numbers describe a region
# before the heads look at it, and how many after?
#
# <details><summary>Answer</summary>
#
# Up to the pyramid everything is a map, rows by columns; from the region proposal network on there are lists of boxes, and only the last block makes a picture again. RoIAlign describes
# each region by 128 x 7 x 7 = 6272 numbers. The heads leave 7 for the class (six foods, and one for "nothing": the *background*) and 28 for the box, four for each of the seven.
#
# </details>
#
# | part | in a word | lesson |
# |---|---|---|
# | backbone | from pixels to features, smaller and smaller maps | 05 |
# | feature pyramid | fine maps learn what the coarse ones have seen | 06 |
# | region proposal network | where could something be? | 07 |
# | RoIAlign | equally many features from every box | 08 |
# | heads | what is it, where exactly, which pixels? | 09 |
# | NMS, paste | from numbers to what you see | 07, 10 |
#
# ### Exercise: in which order?
#
# A photo passes these eight stages of a *trained* model. Write the list in their order:
#
# `"NMS per class"`, `"RoIAlign"`, `"backbone"`, `"classes and boxes"`, `"masks"`, `"paste"`, `"proposals"`, `"pyramid"`
#
# (`"RoIAlign"` is the one for classes and boxes.)

# %% exercise="stage-order"
# BEGIN SOLUTION
stages = ["backbone", "pyramid", "proposals", "RoIAlign"]
stages += ["classes and boxes", "NMS per class", "masks", "paste"]
# END SOLUTION

# %% check="stage-order"
check("stage-order", stages)

# %% [markdown]
# Now let us open the stages one by one.
#
# Before the first of them nothing is learnt: the photo is scaled to the size that the network was trained at, and its colours are shifted.

# %%
print(f"a photo of {photo.shape[1]} x {photo.shape[2]} goes in as {' x '.join(map(str, trace['image_size']))}")

# %% [markdown]
# Enlarging adds no detail, but the finest map then has more cells for each piece; it costs time. From here to the masks, all
# boxes are in pixels of this *input*. (The figures draw them back onto the photo.)
#
# ## Stage 1: features
#
# The backbone turns the input into maps, the pyramid makes five of them equally rich. Each map holds 128 numbers per cell; the picture shows
# how large they are on average.
#
# Before you run the next cell: P2 has a cell for every 4 by 4 pixels of the input, P6 one for every 64 by 64. On which of them could you still recognise the
# plate?

# %%
inside.feature_maps(trace)

# %% [markdown]
# The pieces and the rim of the plate can be told on P2 and P3, a blob or two on P4; below that nobody would recognise a plate. What these numbers mean to the network, lesson 03 has looked
# into. (The bright frame is no food. A few cells at the border respond so strongly that the colours show ranks rather than values; beyond the border there are only zeros.)
#
# ## Stage 2: anchors
#
# The RPN does not invent boxes from nothing. At every cell of every map stand **anchors**, boxes of a fixed size in three shapes: lying,
# square, standing. For each of them the RPN says two things: is there something like this here, and how should the box move to fit it better?

# %%
inside.anchors_at_a_point(plate, trace, model.settings)

# %% [markdown]
# ### Exercise: how many anchors?
#
# The scaled photo is padded with zeros at the right and below, until height and width are multiples of 32. The five levels have strides of 4, 8,
# 16, 32 and 64 pixels; if a stride does not divide the side, the last cell is a partial one (round up). On every level, every cell has three anchors: the three shapes in the size of
# that level. How many are there in all?


# %% exercise="count-anchors"
def count_anchors(height, width):
    """Number of anchors of an input of this height and width in pixels, before padding."""
    # BEGIN SOLUTION
    height = height + -height % 32
    width = width + -width % 32
    total = 0
    for stride in (4, 8, 16, 32, 64):
        rows, columns = math.ceil(height / stride), math.ceil(width / stride)
        total += rows * columns * 3
    return total
    # END SOLUTION


# %% check="count-anchors"
check("count-anchors", count_anchors)

# %%
count = yours("count-anchors", count_anchors)
height, width = trace["image_size"]
print(f"the model has {len(trace['anchors'])} anchors, and {count(height, width)} are counted")
inside.surest_anchors(plate, trace)

# %% [markdown]
# Tens of thousands of anchors for a handful of pieces. Those on the left are the ones the RPN believes in most; on the right it has moved and
# stretched them. Already they huddle around the food, though nobody has said yet *which* food it is.

# %% [markdown]
# ## Stage 3: proposals
#
# Many boxes now say the same thing. **Non-maximum suppression** (NMS) keeps the surest and strikes out all that overlap it too much, then
# goes on with the next.
#
# Of the tens of thousands only the 200 surest of each level come this far (so says the model's setting `rpn_candidates`). Before you run the next cell: will NMS leave one box for each piece?

# %%
inside.proposals(plate, trace)

# %% [markdown]
# Far from it. The RPN's NMS is generous: boxes may overlap a lot (up to an *IoU* of 0.7: the area that two boxes share, divided by the area that they cover together; lesson 11) and both stay. The proposals only must not *miss* anything; what is too much
# is sorted out later. How few would do? Choose how many of the best you want to see.

# %%
inside.top_proposals(plate, trace, 10)

# %%
inside.proposal_explorable(plate, trace)

# %% [markdown]
# ## Stage 4: regions of interest on their levels
#
# From here on a proposal is called a **region of interest**, RoI. RoIAlign takes its features from one of the maps P2 to P5: from a coarse one
# if the box is large, from a fine one if it is small. The rule sends boxes of 224 by 224 pixels up to 448 by 448 to P4, of half that side to P3, and all that are smaller than 112 by 112
# to P2.
#
# Before you run the next cell: most of our pieces are narrower than a third of their photo, and the input has 384 pixels. Where do they go?

# %%
levels = roi_levels(trace["proposals"], 2, 5)
for k in range(4):
    print(f"P{k + 2}: {int((levels == k).sum()):3d} RoIs")

# %% [markdown]
# Most, if not all, to the finest map. The rule was made for inputs of 800 pixels and more; ours is small so that a laptop can train on it.
# Here is the same plate as if it were photographed for the paper.

# %%
inside.by_level(plate, trace, 800)

# %% [markdown]
# ## Stage 5: classes, and a second correction
#
# The class branch says what each RoI holds, or that it holds nothing, and the box branch moves the box once more. Then NMS again, this time within each class and
# stricter.

# %%
inside.corrected(plate, trace)

# %% [markdown]
# ## Stage 6: raw masks
#
# Last of all the mask branch. For each remaining box it draws a mask of 28 by 28, no matter how large the box is or what shape it has.

# %%
inside.raw_masks(trace)

# %% [markdown]
# They all look square and about equally large. In the photo they are not.
#
# ### Exercise: how coarse is a mask?
#
# How many pixels of the photo, across and down, does one pixel of a mask stand for?


# %% exercise="mask-cell"
def mask_cell(box):
    """Width and height, in pixels of the photo, of one pixel of a 28 x 28 mask.

    box: x1, y1, x2, y2 of the detection. Returns two numbers.
    """
    # BEGIN SOLUTION
    x1, y1, x2, y2 = box
    across = (x2 - x1) / 28
    down = (y2 - y1) / 28
    return across, down
    # END SOLUTION


# %% check="mask-cell"
check("mask-cell", mask_cell)

# %% [markdown]
# On our plates that is a few pixels, and interpolation between them (lesson 08) draws a smooth outline. For a cow that fills a photo of 1000 pixels it would
# be 36 of them, and its ears would be lost. For our detections:

# %%
grain = yours("mask-cell", mask_cell)
for label, box in zip(found["labels"].tolist(), found["boxes"].tolist()):
    across, down = grain(box)
    print(f"{CLASSES[label - 1]:8} {across:.1f} x {down:.1f} pixels")

# %% [markdown]
# ## Stage 7: back into the photo
#
# Each mask is stretched over its box and laid into an empty picture. That is the figure at the top of this lesson. Now that you know the way, judge
# it: for every piece on the plate, is there a detection of its class that covers it (IoU above one half)?


# %%
def judge(plate, found):
    """Say of each piece of a plate whether it was found."""
    sure = found["scores"] > 0.5
    names = [CLASSES[label - 1] for label in found["labels"][sure].tolist()]
    overlap = masks.iou(plate.masks, (found["masks"][sure] > 0.5).numpy())
    for piece, row in zip(plate.instances, overlap):
        own = [value for value, name in zip(row, names) if name == piece.name]
        verdict = "found" if max(own, default=0) > 0.5 else "not found"
        print(f"{piece.name:8} {piece.occlusion_rate:4.0%} hidden: {verdict}")


judge(plate, found)

# %% [markdown]
# ## Where was it lost?
#
# Not every plate goes so well. Here is one on which a piece is missing. Look at the photo first: do you see the tempe that the model does not?

# %%
plate = plates[13]
photo, _ = TorchDetection(plates)[13]
with torch.no_grad():
    found = model([photo])[0]
inside.result(plate, found)
judge(plate, found)

# %% [markdown]
# You can now ask *where* it was lost. Was no proposal near it? Did the class branch call it background? Did NMS strike it out because a neighbour of its class lay too
# close? Make your guess; then look at the proposal that fits each piece best, and at what the class branch said of it.

# %%
trace = model.trace(photo)
proposals = boxes.resize(trace["proposals"], trace["image_size"], plate.size)
fit, best = boxes.iou(torch.from_numpy(plate.boxes).float(), proposals).max(dim=1)
sureness, said = trace["class_logits"].softmax(dim=1)[best].max(dim=1)
words = ("background", *CLASSES)
for piece, iou, label, share in zip(plate.instances, fit, said, sureness):
    print(f"{piece.name:8} IoU of its best proposal {iou:.1f}, called {words[label]} ({share:.0%})")

# %% [markdown]
# The RPN did its work: there was a box, and it fits. The class branch looked into it, saw mostly the food on top, and said that there was nothing. So a better RPN would not have helped here, nor a more lenient NMS. That is how an engineer reads a model, and you will do it again
# in lesson 16, for hundreds of plates.

# %% [markdown]
# ## What you now know
#
# - R-CNN described regions with a CNN, Fast R-CNN shared its work, Faster R-CNN learnt to propose, Mask R-CNN added masks and RoIAlign.
# - The stages: backbone, pyramid, proposals, RoIAlign, classes and boxes, NMS, masks, paste. Maps first, then lists of boxes.
# - Boxes are corrected twice: anchor to proposal, proposal to detection. NMS too comes twice, first without classes, then within each.
# - A mask has 28 by 28 pixels, whatever the size of its piece.
#
# ## Test yourself
#
# 1. Which stages have weights that are learnt, and which are fixed arithmetic?
# 2. Why does the mask branch wait for the second NMS, when it could run on all proposals?
# 3. Mask R-CNN still starts from boxes. What does that mean for two pieces of one food that lie almost on top of each other?
#
# <details><summary>Answers</summary>
#
# 1. Learnt: backbone, pyramid, RPN, class branch, box branch, mask branch. Fixed: anchors, NMS, RoIAlign, paste.
# 2. Masks are the dearest part: a hundred proposals would cost several times as much as the few boxes that remain, and give no better masks. (Worse ones: a
# detection's box is better than its proposal's.)
# 3. Their boxes overlap so much that NMS takes one for a double of the other. It is struck out even if it was found perfectly.
#
# </details>
#
# ## Read more
#
# - K. He, G. Gkioxari, P. Dollár, R. Girshick, "Mask R-CNN", ICCV 2017: ten pages, and from here on you can read them.
# - R. Girshick, J. Donahue, T. Darrell, J. Malik, "Rich feature hierarchies for accurate object detection and semantic segmentation", CVPR 2014: R-CNN.
# - R. Girshick, "Fast R-CNN", ICCV 2015.
# - S. Ren, K. He, R. Girshick, J. Sun, "Faster R-CNN: Towards Real-Time Object Detection with Region Proposal Networks", NIPS 2015; IEEE TPAMI 39(6), 2017.
#
# **Next**: [05 · The backbone](05_backbone.ipynb)

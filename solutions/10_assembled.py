# %% [markdown]
# # 10 · The whole model, assembled
#
# You have built the parts. Lying side by side on the bench they find nothing. In this lesson they go together: photo in, masks out,
# five losses to learn from, and a proof that what you have in front of you is Mask R-CNN and not something that looks like it.
#
# **You will be able to**
# - say which part calls which, and what is handed from one to the next;
# - name the five losses, and what each is counted over;
# - use "learn one plate by heart" as the test that every training begins with;
# - turn the heads' numbers into masks in the photo, without the usual mistakes.
#
# **Time**: about 60 minutes · **Builds on**: lessons 05 to 09 · **You build**: the choice of candidates, the two losses of the heads,
# and the way of a mask back into the photo; then you plug them into the model.

# %% setup=true
import copy
from dataclasses import replace

import torch
from torch import nn
from torch.nn import functional as F

from course_utils import boxes
from course_utils.dataset import load
from course_utils.dataset.torch_dataset import TorchDetection
from course_utils.exercises.lesson_10 import check
from course_utils.mask_rcnn import backbone, fpn, parity, plug_in, postprocess, preprocess, profiles
from course_utils.mask_rcnn.kernels import READABLE
from course_utils.mask_rcnn.model import LOSSES
from course_utils.plots import assembled

plates = load("val")
number = next(k for k, s in enumerate(plates) if s.scenario == "occluded" and len(s.instances) == 5)
plate = plates[number]
photo, target = TorchDetection(plates)[number]

# %% [markdown]
# ## Proses segmentasi: who calls whom?
#
# First the parts, each from its lesson. So that a laptop can train the model while you watch, everything is small: images of 160
# pixels, a pyramid of 64 channels, heads to match. The parts and their order are those of the paper.


# %%
def make_model():
    torch.manual_seed(0)
    body = backbone.ResNet(18, widths=(64, 64, 128, 128))  # lesson 05
    pyramid = fpn.BackboneWithFPN(body, 64, nn.BatchNorm2d)  # lesson 06
    sizes = ((22,), (34,), (51,), (78,), (118,))  # of the anchors, lesson 07
    few = replace(profiles.SMALL, roi_samples=32)
    small = replace(few, min_size=160, max_size=160, anchor_sizes=sizes)
    # Lessons 08 and 09: RoIAlign and the three branches of the heads.
    return profiles.assemble(pyramid, 7, small, box_width=128, mask_width=64)


net = make_model()
print(f"{sum(p.numel() for p in net.parameters()) / 1e6:.1f} million numbers to learn")

# %% [markdown]
# And this is the whole forward pass. Read it line by line; you know every one of them.
#
# Before you run the next cell: the photo has 320 pixels a side. What shape will the finest map of the pyramid have, and what shape the final
# masks?

# %%
net.eval()
with torch.no_grad():
    size = preprocess.network_size(*plate.size, 160, 160)
    small_photo = preprocess.resize_image(net.normalise(photo), size)
    batch = preprocess.batch_images([small_photo])
    maps = net.backbone(batch)
    first = net.rpn(list(maps.values()), size, [size], net.kernels)
    levels = [level for name, level in maps.items() if name != "pool"]
    second = net.roi_heads(levels, first["proposals"], size, [size], net.kernels)
found = second["raw_detections"][0]
corners = boxes.resize(found["boxes"], size, plate.size)
masks = postprocess.paste(found["masks"], corners, *plate.size)

# %%
for name, value in {
    "batch": batch,
    "finest map": maps["0"],
    "coarsest map": maps["pool"],
    "objectness": first["objectness"],
    "RoI features": second["roi_features"],
    "class logits": second["class_logits"],
    "box deltas": second["box_deltas"],
    "mask logits": second["mask_logits"],
    "pasted masks": masks,
}.items():
    print(f"{name:14} {tuple(value.shape)}")

# %% [markdown]
# Two stages, then. The first (the RPN) looks everywhere and asks "is there something?"; the second looks only into the proposals and asks
# "what is it, where exactly, which pixels?". The mask branch comes last of all: it is run on the *final* boxes, and so on few RoIs. In
# training that is different, as you will see in a moment.
#
# All of this is garbage so far, for the weights are random. To learn, the model must be told how wrong it is.

# %% [markdown]
# ## Five losses
#
# Mask R-CNN learns from the sum of five numbers (Ren et al. 2015, equation 1; He et al. 2017, section 3):
#
# | loss | of | asks | counted over |
# |---|---|---|---|
# | `loss_objectness` | RPN | object or not? | 256 sampled anchors |
# | `loss_rpn_box_reg` | RPN | how to move the anchor? | the positive anchors |
# | `loss_classifier` | class branch | which of C + 1 classes? | the sampled RoIs |
# | `loss_box_reg` | box branch | how to move the RoI? | the positive RoIs, their true class |
# | `loss_mask` | mask branch | which pixels? | the positive RoIs, their true class |
#
# In training the branches work side by side on *sampled* RoIs, the true boxes among them: class and box branch on all, the mask branch on the
# positive ones, whatever the class branch thinks of them.
#
# Before you run the next cell: with random weights the RPN throws a coin for every anchor. What is the cross-entropy of a coin?

# %%
net.train()
torch.manual_seed(0)
losses = net([photo], [target])
coin = F.binary_cross_entropy_with_logits(torch.zeros(1), torch.ones(1))
print(f"objectness: {losses['loss_objectness'].item():.1f}, a coin: {coin.item():.1f}")

# %% [markdown]
# It is $\ln 2$. A first loss far away from what guessing costs is the earliest sign of a mistake. (The class loss of a
# model that guesses among 7 is about $\ln 7$. Why 7, with six foods? Hold that thought.)
#
# One of the five breaks that rule without a mistake. The last layer of the mask branch starts with large random weights, here as in torchvision. So it does not toss a coin for each
# pixel, it is *sure of nonsense*, and in the curves below its loss begins far above $\ln 2$. Know the reason before you forgive such a loss.
#
# ### Exercise: the loss of the mask branch
#
# The mask branch gives every RoI one mask **per class**. Judge only the mask of the true class, pixel by pixel.
#
# <details><summary>Hint</summary>
#
# `logits[torch.arange(len(labels)), labels]` takes one mask per RoI. `F.binary_cross_entropy_with_logits(own, targets)` holds the sigmoid,
# the cross-entropy and the mean.
#
# </details>


# %% exercise="mask-loss"
def mask_loss(logits, labels, targets):
    """Loss of the masks of P positive RoIs, one number.

    logits: (P, C + 1, M, M), a mask per class, channel 0 for the background;
    labels: (P,) of whole numbers from 1; targets: (P, M, M), 0 to 1. The mean over
    all pixels of the binary cross-entropy of the true class's mask.
    """
    # BEGIN SOLUTION
    own = logits[torch.arange(len(labels)), labels]
    return F.binary_cross_entropy_with_logits(own, targets)
    # END SOLUTION


# %% check="mask-loss"
check("mask-loss", mask_loss)

# %% [markdown]
# The masks of the other classes are neither praised nor blamed. So the masks need not agree on *which* food it is: that question is left to the class branch.
#
# ### Exercise: the loss of the box branch
#
# The box branch too gives a box per class, four deltas each. The loss is the *smooth L1* distance to the true deltas: for an error $e$ it is
# $\frac{e^2}{2\beta}$ where $|e| < \beta$ and $|e| - \frac{\beta}{2}$ beyond, a bowl around 0 with straight walls. Here $\beta = 1/9$. Two things are easy to get wrong: who is counted, and what the sum is divided by.
#
# <details><summary>Hint</summary>
#
# Take the positive RoIs (`labels > 0`) and of each the deltas of its label. Sum with
# `F.smooth_l1_loss(mine, wanted, beta=1 / 9, reduction="sum")`. Divide by the number of **all** RoIs, positives and background.
#
# </details>


# %% exercise="box-loss"
def box_loss(deltas, labels, targets):
    """Loss of the boxes of R sampled RoIs, one number.

    deltas: (R, C + 1, 4), a box per class, row 0 for the background; labels: (R,) of
    whole numbers, 0 for background; targets: (R, 4), the true deltas. The sum of the
    smooth L1 losses (beta 1/9) over the positive RoIs, divided by R.
    """
    # BEGIN SOLUTION
    total = 0.0
    for row, label, wanted in zip(deltas, labels, targets):
        if label > 0:
            error = (row[label] - wanted).abs()
            bowl, slope = 0.5 * error**2 * 9, error - 0.5 / 9
            total = total + torch.where(error < 1 / 9, bowl, slope).sum()
    return total / len(labels)
    # END SOLUTION


# %% check="box-loss"
check("box-loss", box_loss)

# %% [markdown]
# ## Can it learn one plate by heart?
#
# Before you train anything for hours, train it for seconds: on **one** image, again and again. A model without a mistake learns it by
# heart. One that cannot has a bug, and it is far better to know now. (Karpathy's "recipe" has it among its first steps.)
#
# Before you run the next cell: which of the five losses will be small first? Which will take longest?

# %%
with torch.no_grad():
    before = net.eval()([photo])[0]
net = make_model().train()
steps = 120
optimiser = torch.optim.AdamW(net.parameters(), 2e-3)
pace = torch.optim.lr_scheduler.OneCycleLR(optimiser, 2e-3, total_steps=steps)
plot = assembled.LossPlot(steps)
for _ in range(steps):
    losses = net([photo], [target])
    optimiser.zero_grad()
    sum(losses.values()).backward()
    nn.utils.clip_grad_norm_(net.parameters(), 5.0)
    optimiser.step()
    pace.step()
    plot.add(losses)

# %% [markdown]
# "Is there something?" is an easy question and soon answered. Where exactly it lies, and its outline, take longest. Two curves need a second look. The RPN's box loss is small from
# the start: few of its 256 anchors are positive, and it is divided by all. And that of the box branch first *rises*: as the proposals get better, more RoIs are positive and are
# counted. All curves rattle, because each step draws other anchors and RoIs.

# %%
net.eval()
with torch.no_grad():
    after = net([photo])[0]
assembled.before_and_after(plate, before, after)

# %% [markdown]
# Look closely at the pieces that lie underneath. The annotation is amodal, so the model has learnt to draw outlines where it sees none.
#
# Do not be proud of it, though: it knows this plate and no other. What it takes to find food on plates it has never seen is
# training on many, and lesson 15 does that. Here the model only has to be *right about what it says*; let us follow what it does with its numbers.

# %% [markdown]
# ## From scores to detections: C + 1
#
# Each RoI comes out of the class layer with seven numbers: six foods and the **background**, class 0. That is the deck's
# note: C is raised by one. Here is the RoI of which the model is surest that it holds nothing.
#
# Before you run the next cell: what would happen to such a RoI if the background had no column?

# %%
trace = net.trace(photo)
emptiest = trace["class_logits"].softmax(dim=1)[:, 0].argmax()
assembled.class_scores(trace["class_logits"][emptiest])

# %% [markdown]
# A softmax always adds up to one: *somebody* must win. Without the background, every proposal on the bare table would be food. So the
# background takes part in the contest, and is dropped from the result. (Not every library puts it first: in detectron2 the background is the
# **last** class. Weights moved from one to the other without that in mind shift every class by one.)
#
# What remains can be more than one class for a RoI; all of them go on to NMS, class by class.
#
# ### Exercise: the candidates
#
# <details><summary>Hint</summary>
#
# Softmax over all columns first. `torch.where(scores[:, 1:] > threshold)` gives the rows and the columns of all that pass; the columns count
# from 0, the labels from 1.
#
# </details>


# %% exercise="candidates"
def candidates(class_logits, threshold):
    """Which classes of which RoIs are sure enough.

    class_logits: (R, C + 1), column 0 for the background. Returns two arrays of whole
    numbers, RoIs (from 0) and labels (1 to C), of all foods whose score lies above the
    threshold; row by row, in each row by label.
    """
    # BEGIN SOLUTION
    scores = torch.softmax(class_logits, dim=1)
    pairs = torch.nonzero(scores[:, 1:] > threshold)
    return pairs[:, 0], pairs[:, 1] + 1
    # END SOLUTION


# %% check="candidates"
check("candidates", candidates)

# %% [markdown]
# ## Which of the seven masks?
#
# For every detection the mask branch draws seven masks. Before you run the next cell: the model was only ever asked for the mask of
# the true class. What will the other six look like?

# %%
surest = int(trace["detections"]["scores"].argmax())
label = int(trace["detections"]["labels"][surest])
assembled.mask_channels(trace["mask_logits"][surest], label)

# %% [markdown]
# Bolu and cireng do not lie on this plate: nobody ever asked for their masks, and so they are noise.
#
# In the upper row each mask stands for itself. In the lower one they compete: where all classes say "food of mine" the strongest takes
# it all, and where all say no, one of them must still say yes. The paper measured it: a softmax over the classes costs more than five points of
# mask AP, the score of lesson 13 (He et al. 2017, table 2b).
#
# ### Exercise: the mask of the own class
#
# <details><summary>Hint</summary>
#
# The same indexing as in the mask loss, then `.sigmoid()`.
#
# </details>


# %% exercise="own-masks"
def own_masks(mask_logits, labels):
    """Of each of D detections the mask of its own class, as probabilities.

    mask_logits: (D, C + 1, M, M), channel 0 for the background; labels: (D,) of whole
    numbers from 1. Returns (D, M, M).
    """
    # BEGIN SOLUTION
    chosen = [masks[label] for masks, label in zip(mask_logits, labels)]
    return torch.sigmoid(torch.stack(chosen))
    # END SOLUTION


# %% check="own-masks"
check("own-masks", own_masks)

# %% [markdown]
# ## Back into the photo
#
# A mask of 28 by 28 lives in its box, and the box is given in fractions of pixels. It must be stretched over the box and laid into
# the photo. That sounds like one line, and it is the place where most implementations differ.
#
# The catch: bilinear interpolation needs something *outside* the mask to fade out to. Without it the border's value is repeated up to the edge of the
# box, and the mask ends there in a step (a "top hat", says the source of Detectron). So a frame of zeros is put around it, 28 becomes 30, and
# the box grows by 30/28 around its centre, so that the mask itself stays where it was.

# %%
assembled.pasting(
    plate,
    trace["raw_detections"]["masks"][surest],
    trace["detections"]["boxes"][surest],
    label,
)

# %% [markdown]
# ### Exercise: paste one mask
#
# Four steps, for a mask of any size M:
#
# 1. put a frame of zeros around the mask;
# 2. grow the box by as much, by $(M + 2) / M$ around its centre;
# 3. cut its corners to whole numbers (`.long()`, toward zero), and take the corner x2, y2 as the *last pixel*, so that the mask is `x2 - x1 + 1` wide: a custom that Detectron began
#    and torchvision keeps;
# 4. stretch the mask to that size, and lay it into the photo.
#
# <details><summary>Hint</summary>
#
# Stretch with `F.interpolate(framed[None, None], size=(rows, columns), mode="bilinear", align_corners=False)[0, 0]`. The grown box may reach
# over the edge of the photo: copy only rows `max(y1, 0)` to `min(y2 + 1, height)`, and take the same rows, less `y1`, from the stretched mask.
# Likewise for columns.
#
# </details>


# %% exercise="paste-mask"
def paste_mask(mask, box, height, width):
    """One mask in an otherwise empty photo, as probabilities.

    mask: (M, M), 0 to 1; box: (4,) of x1, y1, x2, y2 in pixels. Frame of zeros, box
    grown by (M + 2) / M around its centre and cut to whole numbers, the mask stretched
    over it (bilinear, align_corners=False). Returns (height, width).
    """
    # BEGIN SOLUTION
    framed = F.pad(mask, (1, 1, 1, 1))
    centre, half = (box[:2] + box[2:]) / 2, (box[2:] - box[:2]) / 2
    half = half * len(framed) / len(mask)
    x1, y1 = (centre - half).long().tolist()
    x2, y2 = (centre + half).long().tolist()
    rows, columns = max(y2 - y1 + 1, 1), max(x2 - x1 + 1, 1)
    big = F.interpolate(framed[None, None], size=(rows, columns), mode="bilinear")[0, 0]
    image = torch.zeros(height, width)
    top, bottom = max(y1, 0), min(y2 + 1, height)
    left, right = max(x1, 0), min(x2 + 1, width)
    image[top:bottom, left:right] = big[top - y1 : bottom - y1, left - x1 : right - x1]
    return image
    # END SOLUTION


# %% check="paste-mask"
check("paste-mask", paste_mask)

# %% [markdown]
# ## Is it really Mask R-CNN?
#
# It finds the pieces, but so would a model with a small mistake in it. There is a stricter test. torchvision has a Mask R-CNN of its own;
# ours names its weights alike, so torchvision's can be given **the same weights**. Then every stage must give the same numbers, not only the last one.
#
# (torchvision has no ResNet as small as ours, so its model gets a copy of our backbone and pyramid. What is proved here is everything after them; lesson 06 compared the pyramid. And ours
# runs with the readable RoIAlign and NMS of lessons 07 and 08, or we would compare torchvision's with themselves.)
#
# Before you run the next cell: would you expect differences of exactly zero?

# %%
theirs = parity.twin(net)
ours = copy.deepcopy(net)
ours.kernels = READABLE
rows = parity.compare(ours, theirs, [photo])
assembled.differences(rows)

# %% [markdown]
# Where the same operations run in the same order, not a single bit differs; where sums are added up in another order, the last digit may. Integers,
# such as the labels, have to be the same. And in training, with the same anchors and RoIs drawn: the losses, the gradients of every part,
# and the running means of the batch norms.

# %%
in_training = parity.compare(copy.deepcopy(net), copy.deepcopy(theirs), [photo], [target])
print(f"{'stage':40}{'shape':24}")
for row in in_training:
    print(f"{row.stage:40}{row.shape:24}{'equal' if row.equal else 'DIFFERENT'}")
five = [row.equal for row in in_training if row.stage in LOSSES]
print(f"{len(five)} losses, all equal: {all(five)}")

# %% [markdown]
# ## Your parts in the whole
#
# Now the best part. Each of your five functions takes its place in the model, and the whole comparison is run again. (If you have not written one
# yet, the table says so; come back.)

# %%
mine = {
    "mask_loss": mask_loss,
    "box_loss": box_loss,
    "candidates": candidates,
    "own_masks": own_masks,
    "paste_mask": paste_mask,
}
for name, part in mine.items():
    print(f"{name:12}", plug_in.try_part(name, part, net, theirs, photo, target))

# %% [markdown]
# Your NMS of lesson 07 fits as well, once you have copied `suppress_doubles` from there, with a wrapper that works out the overlaps: `Kernels(ops.roi_align, my_nms)` (from `course_utils.mask_rcnn.kernels` and `torchvision`) with
# `my_nms = lambda b, scores, limit, groups: torch.tensor(suppress_doubles(boxes.iou(b, b).numpy(), scores.numpy(), limit, groups.numpy()))`. Your RoIAlign of lesson 08 reads one map and one
# box; a loop over RoIs and channels makes a kernel of it, though a slow one.

# %% [markdown]
# ## What you now know
#
# - Backbone, pyramid, RPN, RoIAlign, class, box and mask branch, paste: two stages, and the mask branch runs on the final boxes.
# - Five losses, added up. Those of the heads judge only the true class; the box losses are divided by *all* samples.
# - A model that cannot learn one image by heart has a bug.
# - The background takes part in the softmax and is dropped afterwards; masks use a sigmoid and the channel of their own class.
# - Pasting needs a frame of zeros, and the box grows with it.
# - "The same weights, every stage compared" is a proof that no result on a test set can replace.
#
# ## Test yourself
#
# 1. Why does the class loss begin near $\ln 7$ and not $\ln 6$?
# 2. In training the mask branch sees RoIs that the class branch calls background. Why is that no harm?
# 3. The photo has 320 pixels a side, the network saw 160. Somebody pastes with the boxes of `raw_detections`. What will they see?
#
# <details><summary>Answers</summary>
#
# 1. The background is a class too: guessing is a choice among seven.
# 2. Which RoIs the mask branch learns from is decided by the *truth* (IoU of at least one half with a piece), not by the class branch's opinion.
# 3. All pieces at half their size, crowded into the upper left quarter: those boxes count pixels of the network's input.
#
# </details>
#
# ## Read more
#
# - K. He, G. Gkioxari, P. Dollár, R. Girshick, "Mask R-CNN", ICCV 2017, sections 3 and 4.2, table 2b: what the decoupling of mask and class is worth.
# - R. Girshick, "Fast R-CNN", ICCV 2015, section 2.3: the two losses of the box branch in one formula.
# - A. Karpathy, "A Recipe for Training Neural Networks", 2019: how to build up to a training, step by step.
#
# **Next**: [11 · Intersection over union, and who found what](11_iou_and_matching.ipynb)

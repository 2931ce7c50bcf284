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
# **Time**: about 150 minutes · **Builds on**: lessons 05 to 09 · **You build**: the sample of the second stage, its losses, the choice of candidates,
# the way of a mask back into the photo, and the forward pass that joins all your parts to a Mask R-CNN.

# %% setup=true
import copy

import torch
from torch import nn
from torch.nn import functional as F
from torchvision.models.detection.roi_heads import paste_masks_in_image

from course_utils import boxes
from course_utils.dataset import load
from course_utils.dataset.torch_dataset import TorchDetection
from course_utils.exercises.lesson_10 import check
from course_utils.exercises.yours import your_parts, yours
from course_utils.mask_rcnn import parity, plug_in, postprocess, preprocess, proof
from course_utils.mask_rcnn.bench import bench
from course_utils.mask_rcnn.kernels import READABLE
from course_utils.mask_rcnn.model import LOSSES
from course_utils.plots import assembled

torch.set_num_threads(1)  # for small networks, more would only get in the way
plates = load("val")
number = next(k for k, s in enumerate(plates) if s.scenario == "occluded" and len(s.instances) == 5)
plate = plates[number]
photo, target = TorchDetection(plates)[number]

# %% [markdown]
# ## Proses segmentasi: who calls whom?
#
# First the parts, each from its lesson. So that a laptop can train the model while you watch, everything is small: images of 160
# pixels, a ResNet of 26 layers with narrow bottlenecks, a pyramid of 64 channels, heads to match. The parts and their order are those of the paper.


# %%
def make_model():
    torch.manual_seed(0)
    return proof.small_model()


net = make_model()
print(f"{sum(p.numel() for p in net.parameters()) / 1e6:.1f} million numbers to learn")
print("from the photo to the maps:", type(net.backbone.body).__name__, "and its pyramid")
print("first stage:", type(net.rpn.head).__name__)
print("second stage:", ", ".join(type(part).__name__ for part in net.roi_heads.children()))

# %% [markdown]
# And this is the whole forward pass, in few lines because each calls a part. At the end of the lesson you will write it yourself, out of your own parts.
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
# ### Exercise: the RoIs to learn from
#
# What makes a RoI positive? An IoU of **0.5** or more with a true box; then its label is that box's class. All others are background; there is no "neither" here. Two more things belong to it. The **true boxes themselves** join the
# proposals: while the RPN is still bad, they are the only good RoIs. And of the sample, 512 in the paper, at most **a quarter** is positive.
#
# `draw` is your balanced sample of lesson 07 (a label above 0 is an object).


# %% exercise="choose-rois"
def choose_rois(proposals, true_boxes, true_labels, order, count, draw):
    """RoIs (S, 4), their labels (S,) and matches (S,) to train the second stage on.

    proposals: (P, 4); true_boxes: (G, 4), true_labels: (G,) from 1; G may be 0. The
    true boxes come after the proposals. labels: 0 for background; matches: index of
    the true box, -1 for background. order: all P + G indices in random order;
    draw(labels, order, count, share): indices of positives and of negatives. The
    chosen ones stay in the order of their indices.
    """
    # BEGIN SOLUTION
    rois = torch.cat([proposals, true_boxes])
    labels = torch.zeros(len(rois), dtype=torch.int64)
    matches = torch.full((len(rois),), -1)
    if len(true_boxes):
        best, nearest = boxes.iou(true_boxes, rois).max(dim=0)
        positive = best >= 0.5
        labels[positive] = true_labels[nearest[positive]]
        matches[positive] = nearest[positive]
    chosen = torch.cat(draw(labels, order, count, 0.25)).sort().values
    return rois[chosen], labels[chosen], matches[chosen]
    # END SOLUTION


# %% check="choose-rois"
check("choose-rois", choose_rois)

# %% [markdown]
# Before you run the next cell: with random weights the RPN throws a coin for every anchor, and the class branch a die with seven sides, six foods and the
# background. What is the cross-entropy of a coin, and of the die?

# %%
net.train()
torch.manual_seed(0)
losses = net([photo], [target])
coin = F.binary_cross_entropy_with_logits(torch.zeros(1), torch.ones(1))
die = F.cross_entropy(torch.zeros(1, 7), torch.zeros(1, dtype=torch.int64))
print(f"objectness: {losses['loss_objectness'].item():.1f}, a coin: {coin.item():.1f}")
print(f"class: {losses['loss_classifier'].item():.1f}, a die with seven sides: {die.item():.1f}")

# %% [markdown]
# They are $\ln 2$ and $\ln 7$. A first loss far away from what guessing costs is the earliest sign of a mistake. The class loss lies a little above its die: random weights are no fair die, they
# prefer some class, and seldom the right one.
#
# One of the five breaks that rule without a mistake. The last layer of the mask branch starts with large random weights, here as in torchvision. So it does not toss a coin for each
# pixel, it is *sure of nonsense*, and in the curves below its loss begins far above $\ln 2$. Know the reason before you forgive such a loss.
#
# ### Exercise: the loss of the mask branch
#
# The mask branch gives every RoI one mask **per class**. Judge only the mask of the true class, pixel by pixel. The targets are cut out by RoIAlign, so at the outlines they are soft: 0.3 is a pixel that the piece covers in part. And mind the plate without food:
# a mean over no RoI at all is NaN, and a single NaN spoils all weights.


# %% exercise="mask-loss"
def mask_loss(logits, labels, targets):
    """Loss of the masks of P positive RoIs, one number.

    logits: (P, C + 1, M, M), a mask per class, channel 0 for the background;
    labels: (P,) of whole numbers from 1; targets: (P, M, M), 0 to 1 with all between.
    The mean over all pixels of the binary cross-entropy of the true class's mask; 0
    where P is 0.
    """
    # BEGIN SOLUTION
    if len(labels) == 0:
        return logits.sum()  # of nothing: 0, and it can be differentiated
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
# $\frac{e^2}{2\beta}$ where $|e| < \beta$ and $|e| - \frac{\beta}{2}$ beyond, a bowl around 0 with straight walls. Here $\beta = 1/9$: Fast R-CNN had 1, but the RPN's deltas are small, nearly all of its errors would lie in the bowl and pull weakly; so
# Faster R-CNN's code narrowed it, and torchvision takes the same for both stages. Two things are easy to get wrong: who is counted, and what the sum is divided by.


# %% exercise="box-loss"
def box_loss(deltas, labels, targets):
    """Loss of the boxes of R sampled RoIs, one number.

    deltas: (R, C + 1, 4), a box per class, row 0 for the background; labels: (R,) of
    whole numbers, 0 for background; targets: (R, 4), the true deltas. R is at least 1.
    The sum of the smooth L1 losses (beta 1/9) over the positive RoIs, divided by R.
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
# And it learns with your code. The next cell fetches your parts from the lessons before, and adds those of this one. `plug_in.plugged_in` puts them into the model: while its block runs, they are what the model works
# with. Networks among them use the model's weights.

# %%
EARLIER = ["bottleneck", "feature-pyramid", "anchor-box", "anchor-grid", "match-anchors"]
EARLIER += ["balanced-sample", "encode-deltas", "rpn-head", "rpn-losses", "proposals"]
EARLIER += ["suppress-doubles", "roi-align", "roi-level", "pool-rois"]
EARLIER += ["box-head", "own-box", "mask-head", "own-mask"]
HERE = {"choose-rois": choose_rois, "mask-loss": mask_loss, "box-loss": box_loss}
parts = your_parts(EARLIER, HERE)

# %% [markdown]
# Before you run the next cell: which of the five losses will be small first? Which will take longest?

# %% uncompared="the curve is drawn anew while it grows"
with torch.no_grad():
    before = net.eval()([photo])[0]
net = make_model().train()
steps = 120
optimiser = torch.optim.AdamW(net.parameters(), 2e-3)
pace = torch.optim.lr_scheduler.OneCycleLR(optimiser, 2e-3, total_steps=steps)
plot = assembled.LossPlot(steps)
with plug_in.plugged_in(net, parts):
    for _ in range(steps):
        losses = net([photo], [target])
        optimiser.zero_grad()
        sum(losses.values()).backward()
        nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        optimiser.step()
        pace.step()
        plot.add(losses)

# %% [markdown]
# "Is there something?" is an easy question and soon answered. Where exactly it lies, and its outline, take longest. Three curves need a second look. The RPN's box loss is small from
# the start: few of its 256 anchors are positive, and it is divided by all. That of the box branch first *rises*. At the start its positive RoIs are the true boxes themselves, which need no moving; the better the proposals get, the more of them are positive and have
# something to learn. And the class loss, which fell at once, comes up again in the same steps: bare table is easy to tell from a true box, but then RoIs come that lie half on a piece. All curves rattle, because each step draws other anchors and RoIs.

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
# ## From scores to detections
#
# Each RoI comes out of the class layer with seven logits, six foods and the background. From lesson 09 you know how scores come of them: the background takes part in the softmax, and is dropped from the result. There you took the best food of each RoI. Mask R-CNN takes **all** that score above a threshold,
# and NMS sorts them out later, class by class.
#
# ### Exercise: the candidates
#
# Which foods of which RoIs have a score *above* the threshold? Give the pairs as two lists, the RoIs and their labels, row by row.


# %% exercise="candidates"
def candidates(class_logits, threshold):
    """Which classes of which RoIs are sure enough.

    class_logits: (R, C + 1), column 0 for the background; R may be 0. Returns two tensors of whole
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
# On the plate that the model knows by heart, with torchvision's threshold of 0.05. Before you run the next cell: how many of the 50 RoIs will have two foods to offer?

# %% uncompared="what the model has learnt to the last digit hangs on the processor"
trace = net.trace(photo)
choose = yours("candidates", candidates)
roi, labels = choose(trace["class_logits"], 0.05)
offers = torch.bincount(roi, minlength=len(trace["class_logits"]))
print(f"{len(offers)} RoIs, {len(roi)} candidates on {int((offers > 0).sum())} of them")
print("RoIs with two foods or more:", int((offers > 1).sum()))

# %% [markdown]
# Hardly any: such a model is nearly never in doubt. Keep that in mind for the proof at the end, where a mistake in this choice has to show.

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
# Bolu and cireng do not lie on this plate: nobody ever asked for their masks, and so they are noise. The channels of the other foods were asked for a few pieces of this one plate and no more. One of them may draw this piece nearly as well, another draws something odd. In lesson 09, where
# hundreds of pieces were to be drawn, every channel had to learn what an outline is. Here it was enough to know a few by heart.
#
# In the upper row each mask stands for itself. In the lower one they compete: where all classes say "food of mine" the strongest takes
# it all, and where all say no, one of them must still say yes. The paper measured it: a softmax over the classes costs more than five points of
# mask AP, the score of lesson 13 (He et al. 2017, table 2b).

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
# 3. cut its corners to whole numbers (`.long()`, toward zero: where a grown box begins left of the photo, at -0.7, that gives 0 and not -1), and take the corner x2, y2 as the *last pixel*, so that the mask is `x2 - x1 + 1` wide: a custom that Detectron began
#    and torchvision keeps;
# 4. stretch the mask to that size, and lay it into the photo. What reaches over the edge is lost.


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
    rows, columns = y2 - y1 + 1, x2 - x1 + 1
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
# All detections of the plate, pasted by your code and by torchvision's:

# %%
paste = yours("paste-mask", paste_mask)
raw, corners = trace["raw_detections"]["masks"], trace["detections"]["boxes"]
mine = torch.stack([paste(mask, box, *plate.size) for mask, box in zip(raw, corners)])
theirs = paste_masks_in_image(raw[:, None], corners, plate.size)[:, 0]
print("equal to torchvision's:", bool((mine - theirs).abs().max() < 1e-5))

# %% [markdown]
# ## The forward pass is yours
#
# All parts lie on the bench. `bench(net)` gives them short names, those of your code among them where it is plugged in:
#
# | part | takes | gives |
# |---|---|---|
# | `p.prepare` | photo (3, H, W) | batch (1, 3, h, w), and the size h, w that the boxes count in |
# | `p.backbone`, `p.pyramid` | batch; list of maps | maps C2 to C5; levels P2 to P5 and *pool* |
# | `p.rpn_head` | levels | objectness and deltas, a list each, with a batch of 1 in front |
# | `p.anchors` | levels | a list of (A, 4) |
# | `p.proposals` | objectness, deltas, anchors of *one* photo, size | RoIs (R, 4) |
# | `p.pool` | P2 to P5, boxes, bins | features (R, C, bins, bins) |
# | `p.box_head` | features, 7 bins | logits (R, C + 1), deltas (R, C + 1, 4) |
# | `p.candidates` | logits | RoIs (K,) and labels (K,) |
# | `p.own_box` | deltas (K, C + 1, 4), RoIs (K, 4), labels | boxes (K, 4) |
# | `p.nms` | boxes, scores, labels | indices, best first; keep `p.limit` |
# | `p.mask_head`, `p.own_mask` | features, 14 bins; logits and labels | logits (D, C + 1, 28, 28); (D, 28, 28) |
# | `p.paste` | masks, boxes, height, width of the photo | (D, height, width) |
#
# ### Exercise: the forward pass
#
# From the photo to the masks, without looking back at the cell above. Before NMS, boxes are clipped to the size, and those with a side below 0.01 pixels dropped. The masks are read from the *final* boxes. At the end everything is in
# pixels of the photo. `boxes.clip(found, *size)`, `boxes.large_enough(found, 0.01)` (a bool for each box) and `boxes.resize(found, size, photo.shape[-2:])` are at hand.


# %% exercise="forward-pass"
def detect(photo, p):
    """Detections of a photo (3, H, W) with the parts p of a model.

    Returns a dictionary: boxes (D, 4) in pixels of the photo, labels (D,), scores (D,),
    the surest first, masks (D, H, W).
    """
    # BEGIN SOLUTION
    batch, size = p.prepare(photo)
    levels = p.pyramid(p.backbone(batch))
    objectness, deltas = p.rpn_head(levels)
    one_photo = [o[0] for o in objectness], [d[0] for d in deltas]
    rois = p.proposals(*one_photo, p.anchors(levels), size)

    logits, deltas = p.box_head(p.pool(levels[:-1], rois, 7))
    roi, labels = p.candidates(logits)
    scores = logits.softmax(dim=1)[roi, labels]
    found = boxes.clip(p.own_box(deltas[roi], rois[roi], labels), *size)
    large = boxes.large_enough(found, 0.01)
    found, labels, scores = found[large], labels[large], scores[large]
    kept = p.nms(found, scores, labels)[: p.limit]
    found, labels, scores = found[kept], labels[kept], scores[kept]

    masks = p.own_mask(p.mask_head(p.pool(levels[:-1], found, 14)), labels)
    found = boxes.resize(found, size, photo.shape[-2:])
    masks = p.paste(masks, found, *photo.shape[-2:])
    return {"boxes": found, "labels": labels, "scores": scores, "masks": masks}
    # END SOLUTION


# %% check="forward-pass"
check("forward-pass", detect)

# %% [markdown]
# Your forward pass, out of your parts, with the weights that your losses have taught:

# %%
HERE |= {"candidates": candidates, "paste-mask": paste_mask}
parts = your_parts(EARLIER, HERE)
forward_pass = yours("forward-pass", detect)
with torch.no_grad(), plug_in.plugged_in(net, parts):
    found = forward_pass(photo, bench(net))
assembled.before_and_after(plate, before, found)

# %% [markdown]
# ## Is it really Mask R-CNN?
#
# It finds the pieces, but so would a model with a small mistake in it. There is a stricter test. torchvision has a Mask R-CNN of its own;
# ours names its weights alike, so torchvision's can be given **the same weights**. Then every stage must give the same numbers, not only the last one.
#
# (torchvision's model gets a copy of our backbone. What is proved of the pyramid and the bottleneck is that yours give the same in their place; lessons 05 and 06 compared them with torchvision's. And ours
# runs with the readable RoIAlign and NMS here, or we would compare torchvision's with themselves.)
#
# One thing first. Our model is nearly never in doubt, as you have seen: hardly a RoI has two foods above the score threshold, so a choice of candidates that forgets the second one would look right. For the proof
# we make it less sure of its classes, by making the logits smaller. And it sees the plate larger, so that RoIs are read from more than one level of the pyramid.
#
# Before you run the next cell: would you expect differences of exactly zero?

# %%
unsure = proof.doubtful(net, photo)
theirs = parity.twin(unsure)
ours = copy.deepcopy(unsure)
ours.kernels = READABLE
rows = parity.compare(ours, theirs, [photo])
assembled.differences(rows)

# %% [markdown]
# Where the same operations run in the same order, not a single bit differs; where sums are added up in another order, the last digit may. Integers,
# such as the labels, have to be the same. And in training, with the same anchors and RoIs drawn: the losses, the gradients of every part,
# and the running means of the batch norms.

# %%
in_training = parity.compare(copy.deepcopy(unsure), theirs, [photo], [target])
print(f"{'stage':40}{'shape':24}")
for row in in_training:
    print(f"{row.stage:40}{row.shape:24}{'equal' if row.equal else 'DIFFERENT'}")
five = [row.equal for row in in_training if row.stage in LOSSES]
print(f"{len(five)} losses, all equal: {all(five)}")

# %% [markdown]
# ## Your parts in the whole
#
# Now the best part. Each of your parts takes its place in the model, alone and all of them together, and the whole comparison is run again: every stage, five losses, all gradients. At last your own forward pass runs on them. The table says whose each part is,
# and in brackets why the course's stands in for one. (A proof on one plate shows what comes up on it. What never does, a plate without food, a second photo in the batch, a RoI smaller than a cell, is what the checks of the exercises are for.)

# %%
for row in proof.prove(parts, unsure, photo, target, forward_pass):
    print(row)

# %% [markdown]
# Break one on purpose: go back to a lesson, change a number in an answer that was right, save the notebook, and run the cells from `your_parts` on. The check there no longer lets it pass, so the course's takes its place, and the table says so.

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
# 1. Six foods, and yet the die of the class loss has seven sides. Why?
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

# %% [markdown]
# # 09 · The heads
#
# RoIAlign has cut out the features of one region, always of the same size. Now come the questions for which all this was built: **what is it? where
# exactly? which pixels?**
#
# **You will be able to**
# - explain why there are two head architectures, C4 and FPN, and what each costs;
# - count the outputs of the class branch and the box branch, with and without a box for the background;
# - turn logits (scores before softmax or sigmoid, any real numbers) and deltas into a class, a score and a box, as the network does;
# - say why Mask R-CNN predicts one mask for every class, and why with a sigmoid.
#
# **Time**: about 105 minutes · **Builds on**: lessons 06 and 08 · **You build**: the box head and the mask head, and the read-out of all three branches.

# %% setup=true
import time

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F
from torchvision.models.detection import faster_rcnn, mask_rcnn
from torchvision.models.detection._utils import BoxCoder
from torchvision.ops import roi_align

from course_utils import boxes
from course_utils.dataset import CLASSES, load
from course_utils.dataset.torch_dataset import TorchDetection
from course_utils.exercises.lesson_09 import WEIGHTS, check
from course_utils.exercises.yours import yours
from course_utils.explorables.moved_box import moved_box
from course_utils.mask_rcnn import layers
from course_utils.mask_rcnn.backbone import ResNet
from course_utils.mask_rcnn.heads import BoxPredictor, C4BoxHead, TwoMLPHead
from course_utils.mask_rcnn.shipped import course_model
from course_utils.plots import heads

torch.set_num_threads(1)  # for small networks, more would only get in the way
plates = load("val")
print(f"{len(CLASSES)} classes: {', '.join(CLASSES)}")

# %% [markdown]
# ## Head architecture: two kinds
#
# *Head architecture merupakan arsitektur terakhir pada Mask R-CNN*, says the deck: the head is the last part of Mask R-CNN. It consists of branches, one for the class and the bounding
# box, one for the mask. He et al. (2017) describe two kinds (their figure 4), and which one you get depends on the backbone.

# %%
heads.two_heads()

# %% [markdown]
# - **Head architecture ResNet C4.** There is no pyramid; RoIs are cut from the map C4. The backbone's last stage, *stage 5*, does not run on the photo: it
#   runs on every single RoI, and becomes the head.
# - **Head architecture ResNet FPN.** With a pyramid, stage 5 has already worked on the photo, once for all RoIs. What is left for the head is light: two fully
#   connected layers for class and box, four convolutions for the mask.
#
# (In the paper's drawing the C4 head starts from 7 x 7 and stage 5 keeps that size. Implementations, ours too, cut out 14 x 14 and let stage 5 halve it. What comes
# out is the same size.)
#
# Let us build both, with random weights, and send four RoIs through.

# %%
torch.manual_seed(8)
backbone = ResNet(50)
stage5 = backbone.pop_stage()
outputs = len(CLASSES) + 1
box_heads = {
    "box head on C4": nn.Sequential(C4BoxHead(stage5), BoxPredictor(2048, outputs)),
    "box head on FPN": nn.Sequential(TwoMLPHead(256 * 49), BoxPredictor(1024, outputs)),
}
rois_of = {
    "box head on C4": torch.rand(4, 1024, 14, 14),
    "box head on FPN": torch.rand(4, 256, 7, 7),
}
with torch.no_grad():
    for name, head in box_heads.items():
        logits, deltas = head.eval()(rois_of[name])
        print(f"{name:16} logits {tuple(logits.shape)}, deltas {tuple(deltas.shape)}")

# %% [markdown]
# The same answers: for each of four RoIs seven logits, and seven times four deltas. (Why seven, with six foods? In a moment.) Now the price. We count weights and
# multiply-adds as in lesson 05, and look at the clock.
#
# Before you run the next cells: the C4 head is a whole stage of a ResNet, the other one two plain layers. Which of them has more weights, and which is more work?


# %%
def multiply_adds(network, x):
    """Multiply-adds of the convolutions and fully connected layers for one RoI of x."""
    counted = []

    def report(layer, inputs, output):
        places = output[0, 0].numel() if output.dim() == 4 else 1
        counted.append(layer.weight.numel() * places)

    layers = [m for m in network.modules() if isinstance(m, (nn.Conv2d, nn.Linear))]
    hooks = [layer.register_forward_hook(report) for layer in layers]
    network(x)
    for hook in hooks:
        hook.remove()
    return sum(counted)


# %%
costs = {}
with torch.no_grad():
    for name, head in box_heads.items():
        x, durations = rois_of[name], []
        adds = multiply_adds(head, x)
        for _ in range(5):
            start = time.perf_counter()
            head(x)
            durations.append(1000 * (time.perf_counter() - start) / len(x))
        weights = sum(p.numel() for p in head.parameters())
        costs[name] = (weights, adds, min(durations))
        print(f"{name:16} {weights:,} parameters, {adds:,} multiply-adds a RoI")
heads.head_costs(costs)

# %% [markdown]
# As many weights, but stage 5 uses each of its weights at every place of its maps, and a fully connected layer uses each only once. And a photo has up to a thousand
# proposals. It is one more reason, besides small food, why nearly everybody takes the pyramid. So do we, from here on.

# %% [markdown]
# ## *Cabang klasifikasi dan bounding box*, the branches for class and box: how many numbers?
#
# The two branches end in one fully connected layer each. Let $C$ be the number of classes; we have six foods.
#
# **The class branch** gives $C + 1$ logits. The deck's note (*Catatan*) says why: *nilai C ditambahkan dengan 1 karena background dihitung* (1 is added to C, because the background counts). Most proposals hold nothing at all, and the network must be
# able to say so. In this course and in torchvision the background is number 0, and the foods are 1 to 6.
#
# **The box branch** gives four deltas *for each class*. Why not four in all? Suppose two pieces lie on each other, and one RoI covers both. Where
# the box should go depends on what you are looking for. Here is such a pair from our plates: of all pieces of different foods, the two whose boxes overlap most.

# %%
pairs = []
for plate in plates:
    overlap = boxes.iou(plate.boxes, plate.boxes)
    overlap[plate.labels[:, None] == plate.labels] = 0
    if len(overlap):
        pair = np.unravel_index(overlap.argmax(), overlap.shape)
        pairs.append((overlap.max(), plate.id, plate, list(pair)))
_, _, plate, pair = max(pairs)
roi = plate.boxes[pair].mean(axis=0)
answers = dict(zip(plate.labels[pair].tolist(), plate.boxes[pair]))
heads.two_answers(plate.image, roi, answers)

# %% [markdown]
# From one RoI, the deltas of one class lead to the one box, those of the other class to the other. (It is not the only way: detectron2 can be told to give each RoI four deltas in all.)
#
# And the background? It has no box, so the deck's note goes on: *namun di beberapa implementasi nilai C pada layer bounding box tidak perlu ditambah 1* (but in some implementations 1 need not be added in the layer of the boxes). **Both conventions are alive**:
#
# - torchvision gives the background four deltas too, $4 (C + 1)$ in all. Nothing ever trains them and nothing ever reads them; it only makes indexing easy.
# - detectron2 leaves them out: $4 C$.
#
# The layer of the masks has the same two conventions: one mask for each of the $C + 1$ classes in torchvision, one for each of the $C$ foods in the paper and in detectron2.
#
# So with six foods the class branch has 7 outputs, and the box branch 28 in torchvision's convention, 24 in detectron2's.

# %%
for background_box in (True, False):
    predictor = BoxPredictor(1024, outputs, background_box)
    rows = predictor.bbox_pred.weight.shape[0]
    weights = sum(p.numel() for p in predictor.parameters())
    words = "with" if background_box else "without"
    print(f"{words:7} a background box: {rows} box outputs, {weights} parameters")

# %% [markdown]
# ### Exercise: the box head
#
# You know its layers; now write it, in torchvision's convention: two fully connected layers with a ReLU each, and behind them, side by side, one for the classes and one for the boxes.


# %% exercise="box-head"
class BoxHead(nn.Module):
    """BoxHead(inputs, width, classes): inputs = C * 7 * 7; classes count the background."""

    def __init__(self, inputs, width, classes):
        super().__init__()
        # BEGIN SOLUTION
        self.first, self.second = nn.Linear(inputs, width), nn.Linear(width, width)
        self.which = nn.Linear(width, classes)
        self.where = nn.Linear(width, 4 * classes)
        # END SOLUTION

    def forward(self, x):
        """RoI features (R, C, 7, 7) -> logits (R, classes) and deltas (R, classes, 4)."""
        # BEGIN SOLUTION
        hidden = F.relu(self.first(x.flatten(1)))
        hidden = F.relu(self.second(hidden))
        deltas = self.where(hidden)
        return self.which(hidden), deltas.reshape(len(x), -1, 4)
        # END SOLUTION


# %% check="box-head"
check("box-head", BoxHead)

# %% [markdown]
# torchvision has the same head in two modules. `layers.give_weights` copies the weights of the one into the other, whatever their layers are called. Then both must say the same.

# %%
box_head = yours("box-head", BoxHead)(256 * 49, 1024, outputs)
theirs = nn.Sequential(
    faster_rcnn.TwoMLPHead(256 * 49, 1024), faster_rcnn.FastRCNNPredictor(1024, outputs)
)
rois = rois_of["box head on FPN"]
layers.give_weights(theirs, box_head, rois)
with torch.no_grad():
    pairs = zip(box_head(rois), theirs(rois))
    print("equal:", [torch.allclose(a.flatten(), b.flatten(), atol=1e-5) for a, b in pairs])

# %% [markdown]
# ## The class: a softmax over all seven
#
# A RoI is one thing or nothing, so its classes compete: the scores come from a **softmax** over all $C + 1$ logits,
#
# $$ p_c = \frac{e^{z_c}}{\sum_{j=0}^{C} e^{z_j}} . $$
#
# Suppose a RoI lies on the bare plate, and the network, quite rightly, gives the background the largest logit. Before you run the next cell: what happens to the
# scores of the foods if somebody forgets the background in the sum?

# %%
bare_plate = np.array([5.0, -0.5, 0.0, 2.0, -1.0, 0.5, -0.3])
heads.with_and_without_background(bare_plate)

# %% [markdown]
# A softmax always adds up to 1. Without a place for "nothing" it must share that 1 among the foods, and a bare plate becomes food.
#
# ### Exercise: class and score
#
# For each RoI: which *food* is the best, and what is its score? The background is in the sum, but cannot win. If it is likely, the best food simply scores low, and
# will be thrown out by the score threshold. (Of two foods that are equally good take the first, as `argmax` does.)


# %% exercise="class-and-score"
def class_and_score(logits):
    """(labels, scores) of the best food of each RoI, two arrays (R,).

    logits: (R, C + 1), the background in column 0, some tens at most; R may be 0. Labels
    go from 1 to C.
    """
    # BEGIN SOLUTION
    powers = np.exp(logits)
    probabilities = powers / powers.sum(axis=1, keepdims=True)
    labels = 1 + np.argmax(probabilities[:, 1:], axis=1)
    return labels, probabilities[np.arange(len(labels)), labels]
    # END SOLUTION


# %% check="class-and-score"
check("class-and-score", class_and_score)

# %% [markdown]
# Now for real RoIs. The course has a Mask R-CNN of its own, trained on its 900 training plates; you will hear more of it in lesson 15. `trace` shows what each of its stages makes of a photo, this heap from the validation split, which it has never seen. Before you run the next cell: of its
# 100 RoIs, how many will be surely food (a score above one half), and how many if the background is forgotten?

# %%
model = course_model()
heap = next(k for k, s in enumerate(plates) if s.scenario == "occluded" and len(s.instances) == 5)
trace = model.trace(TorchDetection(plates)[heap][0])
answer = yours("class-and-score", class_and_score)
logits = trace["class_logits"].numpy()
labels, scores = answer(logits)
nowhere = np.full((len(logits), 1), -1e3)
_, forgotten = answer(np.concatenate([nowhere, logits[:, 1:]], axis=1))
print("with the background:", (scores > 0.5).sum(), "of", len(scores))
print("without it:         ", (forgotten > 0.5).sum(), "of", len(scores))

# %% [markdown]
# Five pieces lie there; several RoIs lie on each.
#
# Mask R-CNN is even more generous: **every** food that scores above 0.05 becomes a candidate, each with its own box. One RoI may so become two detections, of
# different foods; non-maximum suppression works within each class and leaves both.

# %% [markdown]
# ## The box: from deltas to pixels
#
# Four deltas $(d_x, d_y, d_w, d_h)$ move a RoI of centre $(c_x, c_y)$, width $w$ and height $h$, as in lesson 07:
#
# $$ c_x + d_x\, w, \qquad c_y + d_y\, h, \qquad w\, e^{d_w}, \qquad h\, e^{d_h} . $$
#
# The shift counts in widths and heights of the RoI, the size in logarithms. So the same deltas mean the same for a small and a large piece. Here 0.3 of the width to the right, and
# $e^{-0.4}$ times as high:

# %%
heads.moved(plate.image, roi, (0.3, 0.0, 0.0, -0.4))

# %% [markdown]
# Try it yourself.

# %%
moved_box(plate.image, roi)

# %% [markdown]
# ### Why weights of 10, 10, 5 and 5?
#
# A proposal is already near its object, so the deltas are small numbers, and a network learns best when the numbers it has to hit are around 1. How small are they? Let us ask real proposals. The next cell takes those of the course's model on ten plates, and
# of these, as training does, the ones that overlap a piece by half or more. How far do the deltas to their pieces spread?

# %%
wanted = []
for k in range(0, 100, 10):
    scene = plates[k]
    seen = model.trace(TorchDetection(plates)[k][0])
    proposals = boxes.resize(seen["proposals"].numpy(), seen["image_size"], scene.size)
    overlap = boxes.iou(scene.boxes, proposals)
    near = overlap.max(axis=0) >= 0.5
    nearest = scene.boxes[overlap.argmax(axis=0)]
    wanted.append(boxes.encode(nearest[near], proposals[near]))
spread = np.concatenate(wanted).std(axis=0)
for name, value, weight in zip(("dx", "dy", "dw", "dh"), spread, WEIGHTS):
    print(f"{name}: spread {value:.2f}, times {weight:2.0f} is {value * weight:.1f}")

# %% [markdown]
# That is what the weights are for: the network's deltas are the true ones **times** (10, 10, 5, 5), which brings their spread near 1. (Fast R-CNN's authors measured about 0.1 and 0.2 on other photos, and everybody has kept their numbers.) Whoever reads them must divide first.
#
# ### Exercise: the box of the own class
#
# For each RoI pick the four deltas of its label, divide them by the weights, and move the RoI: four formulas from above, and from centre and size back to corners.


# %% exercise="own-box"
def own_box(deltas, rois, labels):
    """Box of each RoI for its own class: an array (R, 4) of x1, y1, x2, y2.

    deltas: (R, C + 1, 4) as the network gives them, that is times (10, 10, 5, 5);
    rois: (R, 4) of x1, y1, x2, y2; labels: (R,) from 1 to C; R may be 0.
    """
    # BEGIN SOLUTION
    shift_x, shift_y, log_w, log_h = (
        deltas[np.arange(len(labels)), labels] / np.array([10, 10, 5, 5])
    ).T
    x1, y1, x2, y2 = rois.T
    width, height = x2 - x1, y2 - y1
    center_x = x1 + width / 2 + shift_x * width
    center_y = y1 + height / 2 + shift_y * height
    width, height = width * np.exp(log_w), height * np.exp(log_h)
    left, top = center_x - width / 2, center_y - height / 2
    return np.stack([left, top, left + width, top + height], axis=1)
    # END SOLUTION


# %% check="own-box"
check("own-box", own_box)

# %% [markdown]
# torchvision's decoder does this for all classes at once, and agrees with you. (It also holds `dw` and `dh` below a limit, so that a wild delta cannot blow a box up.)

# %%
torch.manual_seed(0)
deltas = torch.randn(5, outputs, 4, dtype=torch.float64)
rois = torch.tensor(roi).repeat(5, 1)
own = yours("own-box", own_box)
theirs = BoxCoder(WEIGHTS).decode(deltas.flatten(1), [rois])
for label in range(outputs):
    ours = own(deltas.numpy(), rois.numpy(), np.full(5, label))
    print(label, "equal to torchvision's:", np.allclose(ours, theirs[:, label]))

# %% [markdown]
# And what are the deltas worth? The heap again: RoIs that are surely food, before and after your code has moved them. How well do they fit the nearest piece?

# %%
sure = scores > 0.5
before = trace["rois"].numpy()[sure]
after = own(trace["box_deltas"].numpy()[sure], before, labels[sure])
before, after = (boxes.resize(b, trace["image_size"], plates[heap].size) for b in (before, after))
for words, found in (("proposed", before), ("moved", after)):
    fit = boxes.iou(plates[heap].boxes, found).max(axis=0).mean()
    print(f"{words:8} mean IoU with the nearest piece {fit:.2f}")
heads.refined(plates[heap].image, before, after, labels[sure])

# %% [markdown]
# ## Moving between the conventions
#
# Why should you care whether the background has a box? Because one day you will load weights that others have trained. A model in detectron2's convention has its background **last** among the classes, and **no**
# box for it. Feed it to code of the other convention, and the missing box is noticed at once: 24 rows do not fit into 28. The order is not: there are C + 1 logits either way. But then the first food counts as background and is never found, every other food has the name of the one before it, and an empty plate is full of the last food.
#
# ### Exercise: convert the weights
#
# You get the weights of three layers as torchvision has them, a row for each output: the class layer, background first; the box layer, four rows for each class, the background's first; the mask layer, a row for each class, again the background's first.
# Return them in detectron2's convention. Mind what happens to the background in each of the three.


# %% exercise="other-convention"
def other_convention(class_weights, box_weights, mask_weights):
    """The three with the background last among the classes, without a box and a mask.

    class_weights: (C + 1, width), background first; box_weights: (4 * (C + 1), width),
    four rows for each class in the same order; mask_weights: (C + 1, depth). Returns
    (C + 1, width), (4 * C, width), (C, depth).
    """
    # BEGIN SOLUTION
    return np.roll(class_weights, -1, axis=0), box_weights[4:], mask_weights[1:]
    # END SOLUTION


# %% check="other-convention"
check("other-convention", other_convention)

# %% [markdown]
# Is a model the same after that? Biases have to move as well: written as one more column beside the weights they come along. Here are the three layers of the course's model, converted, on the features of the heap.


# %%
def rows_of(layer):
    """Weights and bias, a row for each output."""
    weights = layer.weight.detach().flatten(1)
    return torch.cat([weights, layer.bias.detach()[:, None]], dim=1).numpy()


last = model.roi_heads
layers_of_three = (
    last.box_predictor.cls_score,
    last.box_predictor.bbox_pred,
    last.mask_predictor.mask_fcn_logits,
)
convert = yours("other-convention", other_convention)
which, where, what = convert(*map(rows_of, layers_of_three))
hidden = F.pad(trace["box_features"], (0, 1), value=1).numpy()  # a 1 for the bias
their_logits, their_deltas = hidden @ which.T, hidden @ where.T
print("outputs:", which.shape[0], "for the class,", where.shape[0], "for the box,", what.shape[0], "for the mask")

# %%
their_scores = np.exp(their_logits) / np.exp(their_logits).sum(axis=1, keepdims=True)
best = their_scores[:, :-1].argmax(axis=1)  # the foods are 0 to 5 now, the background 6
print("same labels:", np.array_equal(best + 1, labels))
print("same scores:", np.allclose(their_scores.max(axis=1, where=np.arange(7) < 6, initial=0), scores, atol=1e-5))
their_deltas = their_deltas.reshape(len(best), -1, 4)[np.arange(len(best)), best]
mine = trace["box_deltas"].numpy()[np.arange(len(best)), labels]
print("same deltas:", np.allclose(their_deltas, mine, atol=1e-4))

# %% [markdown]
# ## The mask: one for every class
#
# The mask branch gives a picture of 28 x 28 for each RoI. More exactly: **one picture for every class**, here and in torchvision $C + 1$ channels (the background's is never used), of which one counts in the end, that of the class which the class branch has found. That
# sounds wasteful. Let us train one and see.
#
# A whole Mask R-CNN takes too long for a lesson, the mask branch alone does not. So we take a short cut: RoIAlign on the *photo* instead of on features, and the true boxes instead of proposals. What follows is the real
# mask branch, only narrower. It learns from 100 plates of the training split; the validation split is for the test.


# %%
def regions(scenes):
    """Photos (R, 3, 28, 28), amodal masks (R, 28, 28), labels (R,) of all pieces."""
    crops, masks, labels = [], [], []
    for scene in scenes:
        photo = torch.tensor(scene.image).permute(2, 0, 1)[None].float() / 255
        whole = torch.tensor(scene.masks).float()[:, None]
        corners = torch.tensor(scene.boxes).float()
        crops.append(roi_align(photo, [corners], 28, sampling_ratio=2))
        own_boxes = list(corners[:, None])  # mask k is cut out by box k
        masks.append(roi_align(whole, own_boxes, 28, sampling_ratio=2)[:, 0])
        labels.append(torch.tensor(scene.labels).long())
    return torch.cat(crops), (torch.cat(masks) > 0.5).float(), torch.cat(labels)


known = regions(scene for scene in load("train")[:100] if scene.instances)
unseen = regions(scene for scene in plates if scene.instances)
print(f"{len(known[2])} pieces to learn from, {len(unseen[2])} to test on")

# %% [markdown]
# The branch has four 3x3 convolutions with a ReLU each, and then does something new: it *enlarges* its map, from 14 x 14 to 28 x 28. Interpolation could do that, but a network can learn how. A **transposed convolution** turns
# a convolution around: not a window that becomes one number, but a number that is spread over a window, times the weights of the kernel. With a kernel of 2 and a stride of 2 each cell becomes a square of 2 x 2, and the four pixels of the square have weights of their
# own. (Nothing obliges the four to agree, so what such a layer draws has a fine chequered pattern at first. Look for it in the pictures below.) A last 1x1 convolution makes a channel for each class.
#
# Why convolutions here, when class and box have fully connected layers? A name is one answer for the whole RoI, whatever lies where in it. A mask is an answer *for every place*, and what a pixel is can be seen around it. A fully connected layer throws the places into one row, and
# has to learn anew for each of them what an edge looks like. It costs, too. Here is what three fully connected layers of 1024 would take to draw the masks, against the mask head of the paper:

# %%
rows = [nn.Linear(256 * 14 * 14, 1024), nn.Linear(1024, 1024), nn.Linear(1024, outputs * 28 * 28)]
convolutions = [mask_rcnn.MaskRCNNHeads(256, [256] * 4, 1)]
convolutions += [mask_rcnn.MaskRCNNPredictor(256, 256, outputs)]
for words, network in (("fully connected", rows), ("convolutions", convolutions)):
    count = sum(p.numel() for layer in network for p in layer.parameters())
    print(f"{words:16} {count / 1e6:4.1f} million weights")

# %% [markdown]
# He et al. (2017, table 2e) tried both: with convolutions the masks were better by about two points of mask AP, the score of lesson 13.
#
# ### Exercise: the mask head
#
# Write it: four 3x3 convolutions with padding 1, the transposed convolution that doubles the map, the 1x1. A ReLU after all but the last.


# %% exercise="mask-head"
class MaskHead(nn.Module):
    """MaskHead(channels, width, classes): channels of the RoI features; classes with background."""

    def __init__(self, channels, width, classes):
        super().__init__()
        # BEGIN SOLUTION
        convolutions = [nn.Conv2d(channels, width, 3, padding=1), nn.ReLU()]
        for _ in range(3):
            convolutions += [nn.Conv2d(width, width, 3, padding=1), nn.ReLU()]
        self.convolutions = nn.Sequential(*convolutions)
        self.enlarge = nn.ConvTranspose2d(width, width, 2, stride=2)
        self.masks = nn.Conv2d(width, classes, 1)
        # END SOLUTION

    def forward(self, x):
        """RoI features (R, channels, 14, 14) -> mask logits (R, classes, 28, 28)."""
        # BEGIN SOLUTION
        large = F.relu(self.enlarge(self.convolutions(x)))
        return self.masks(large)
        # END SOLUTION


# %% check="mask-head"
check("mask-head", MaskHead)

# %%
make_mask_head = yours("mask-head", MaskHead)
branch = make_mask_head(12, 24, outputs)
theirs = nn.Sequential(
    mask_rcnn.MaskRCNNHeads(12, [24] * 4, 1), mask_rcnn.MaskRCNNPredictor(24, 24, outputs)
)
rois = torch.rand(2, 12, 14, 14)
layers.give_weights(theirs, branch, rois)
with torch.no_grad():
    print("equal to torchvision's:", torch.allclose(branch(rois), theirs(rois), atol=1e-5))

# %% [markdown]
# Two ways to train it. **Sigmoid**: look at the channel of the true class only, and ask of each pixel yes or no. **Softmax**: let all seven channels compete for each pixel, as in semantic segmentation.


# %%
def mask_logits(branch, crops):
    # Numbers from -2 to 2, and from each square of 2 x 2 pixels one cell of 4 * 3 channels.
    features = F.pixel_unshuffle(4 * crops - 2, 2)
    return branch(features)  # (R, 12, 14, 14) -> (R, 7, 28, 28)


def sigmoid_loss(logits, masks, labels):
    own = logits[torch.arange(len(labels)), labels]
    return F.binary_cross_entropy_with_logits(own, masks)


def softmax_loss(logits, masks, labels):
    return F.cross_entropy(logits, (masks * labels[:, None, None]).long())


# %% [markdown]
# Apart from that the two are the same: the same layers, the same first weights, the same pieces in the same order.


# %%
def trained(loss_function):
    torch.manual_seed(0)
    branch = make_mask_head(12, 24, outputs)
    optimizer = torch.optim.Adam(branch.parameters(), lr=0.005)
    for _ in range(300):
        batch = torch.randint(len(known[2]), (32,))
        crops, masks, labels = (part[batch] for part in known)
        loss = loss_function(mask_logits(branch, crops), masks, labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return branch


# %% [markdown]
# Before you run the next cell (it takes a while): which of the two has the harder task?

# %%
with_sigmoid, with_softmax = trained(sigmoid_loss), trained(softmax_loss)

# %% [markdown]
# ### Exercise: the mask of the own class
#
# What the branch gives are logits, $C + 1$ channels for each detection. Take from each detection the one that belongs to its class, and make probabilities of it.


# %% exercise="own-mask"
def own_mask(logits, labels):
    """Mask probabilities of each detection's own class, an array (D, M, M).

    logits: (D, C + 1, M, M); labels: (D,) from 1 to C; D may be 0.
    """
    # BEGIN SOLUTION
    chosen = logits[np.arange(len(labels)), labels]
    return 1 / (1 + np.exp(-chosen))
    # END SOLUTION


# %% check="own-mask"
check("own-mask", own_mask)

# %% [markdown]
# Now look at all channels of the branch that learned with the sigmoid, for three pieces it has never seen. Before you run the next cell: what will the channels of the *other* foods show?

# %%
crops, truth, labels = unseen
truth = truth.bool()
with torch.no_grad():
    by_sigmoid = mask_logits(with_sigmoid, crops)
mask_of = yours("own-mask", own_mask)
three = [int((labels == food).nonzero()[0]) for food in (6, 2, 4)]
pictures = crops[three].permute(0, 2, 3, 1).clamp(0, 1).numpy()
channels = by_sigmoid[three].sigmoid().numpy()
heads.mask_channels(pictures, channels, truth[three].numpy(), labels[three])

# %% [markdown]
# Surprised? A channel was trained with its own food only, and draws other foods nearly as well: an outline is an outline. He et al. (2017, section 4.2) found the same, one mask for all classes is almost as good as one for each. So
# the channels are not there because a tempe's outline is so special.
#
# It has a practical side too. If you take the *wrong* channel, nothing looks broken. The masks are hardly worse, and you may never find out. Only channel 0, the background's, gives itself away, since nothing ever
# trained it.
#
# (In each row more than half of the piece lies under other food, in the last one four fifths, and the true mask goes on there. Which of the channels guess it? Lesson 15 is about that.)
#
# What matters is the other choice. The next cell measures on the test plates.

# %%
with torch.no_grad():
    by_softmax = mask_logits(with_softmax, crops)
rows, wrong = torch.arange(len(labels)), labels % len(CLASSES) + 1
ways = {
    "sigmoid, own channel": torch.from_numpy(mask_of(by_sigmoid.numpy(), labels.numpy()) > 0.5),
    "sigmoid, next food's channel": by_sigmoid[rows, wrong] > 0,
    "sigmoid, channel 0": by_sigmoid[rows, 0] > 0,
    "softmax, own channel wins": by_softmax.argmax(dim=1) == labels[:, None, None],
    "softmax, any food wins": by_softmax.argmax(dim=1) > 0,
    "no mask, the whole box": torch.ones_like(truth),
}
scores = {}
for name, mask in ways.items():
    shared, either = (mask & truth).sum((1, 2)), (mask | truth).sum((1, 2))
    scores[name] = (shared / either).mean().item()
heads.mask_quality(scores)

# %% [markdown]
# The two branches are the same network with the same number of steps. But the softmax has to decide two things in each pixel, *is this the object?* and *which food is it?*, and every doubt about the food makes a
# hole in the mask of its own channel. Is that only a matter of reading it? In part. Let any food count, and the holes close: the outlines are there. They are still not as good as the sigmoid's, which never had to ask the second question: the class branch answers that, once for the whole RoI. (Trained longer, the softmax gets
# better. In the paper's full training it still lost more than five points of mask AP: table 2b.)
#
# For us there is one more reason. **Amodal** masks overlap: where a bakwan covers a tempe, the pixel belongs to both. Probabilities that compete cannot say yes twice. Sigmoids can.

# %% [markdown]
# ## What you now know
#
# - The C4 head runs a stage of the backbone on every RoI; the FPN head is light, because the pyramid has done that work once for all.
# - The class branch has $C + 1$ outputs: without the background, a bare plate becomes food.
# - The box branch has four deltas for each class, times (10, 10, 5, 5); the background may have a box, which nobody reads, or none.
# - In a mask every place has its own answer: convolutions, and a transposed one that enlarges.
# - The mask branch has one mask for each class, decided pixel by pixel with a sigmoid. The class branch says which one to take.
#
# ## Test yourself
#
# 1. A model for 80 classes has a box layer with 324 outputs. Which convention is that? And 320?
# 2. The deltas of a RoI 50 pixels wide are (10, 0, 0, 0), as the network gives them. By how many pixels does the box move?
# 3. At a pixel the mask branch gives the logits 2 for tempe and 3 for tahu; the class branch says tempe. Is the pixel part of the mask?
#
# <details><summary>Answers</summary>
#
# 1. $324 = 4 \cdot 81$: the background has a box, torchvision's convention. $320 = 4 \cdot 80$: it has none, detectron2's.
# 2. $10 / 10 = 1$ width, so 50 pixels to the right.
# 3. Yes. The sigmoid of 2 is above 0.5, and what tahu says does not matter.
#
# </details>
#
# ## Read more
#
# - K. He, G. Gkioxari, P. Dollár, R. Girshick, "Mask R-CNN", ICCV 2017: section 3 and figure 4 for the heads, table 2b for sigmoid against softmax.
# - R. Girshick, "Fast R-CNN", ICCV 2015, section 2: where the two branches and the deltas for each class come from.
# - S. Ren et al., "Object Detection Networks on Convolutional Feature Maps", IEEE TPAMI 39(7), 2017: why a head wants to be deep, before there were pyramids.
#
# **Next**: [10 · The whole model, assembled](10_assembled.ipynb)

# %% [markdown]
# # 07 · Region proposals
#
# Where on this plate could something be? Not *what*: only *where*. Asked cleverly, this one question turns thousands of
# blind guesses into a hundred boxes that deserve a second look.
#
# **You will be able to**
# - lay out anchors of several sizes and shapes all over an image;
# - decide which of them count as objects, which as background, and save the pieces that no anchor fits;
# - turn an anchor into a box with four numbers, and say why two of them are logarithms;
# - strike out doubles, and measure after each stage how many pieces can still be found.
#
# **Time**: about 120 minutes · **Builds on**: lessons 05 and 06 (feature maps and their strides) · **You build**:
# anchors, their grid, matching, deltas and non-maximum suppression; and of them a network, head, sample, losses and
# choice of proposals, that you train.

# %% setup=true
import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from course_utils import boxes
from course_utils.dataset import load
from course_utils.exercises.lesson_07 import check
from course_utils.exercises.yours import yours
from course_utils.explorables.suppression import suppression
from course_utils.mask_rcnn import losses
from course_utils.mask_rcnn.anchors import cell_anchors, grid_anchors
from course_utils.plots import anchors as figures
from course_utils.plots import proposals as more_figures

plates = load("val")

# %% [markdown]
# ## Why not look everywhere?
#
# Finding things could be so simple: look into every box of the photo, and ask a network whether it holds a piece of
# food.
#
# Before you run the next cell: how many boxes with corners on whole pixels fit into a photo of 320 by 320 pixels? And
# if you look into a thousand of them a second, how long will you be busy with one photo?

# %%
sides = 320 * 321 // 2  # ways to choose where a box begins and where it ends
print(f"{sides**2:,} boxes, {sides**2 / 1000 / 86400:.0f} days")

# %% [markdown]
# Too many. Detectors of the time before deep learning looked through a **sliding window**: a box of fixed size, moved
# across the image in coarse steps, then again with a larger box. That is a few thousand boxes only, but none of them
# fits exactly.
#
# Ren et al. (2015) kept the window and added two ideas. The window slides over the **feature map**, not over the image:
# then one small convolution looks at all places at once. And the boxes need to fit only *roughly*, for the network says
# of each how it has to be moved.

# %% [markdown]
# ## Region Proposal Network
#
# The **region proposal network** (RPN) is the part of Mask R-CNN that *memprediksi keberadaan objek beserta dengan
# bounding boxnya*: it predicts that there is an object, together with its bounding box. It is a *sliding window dengan
# berbagai skala box*: at every place of the map it tries boxes of several scales and shapes. These fixed boxes are
# called **anchors**.
#
# Our map in this lesson has a stride of 16, so a photo of 320 pixels becomes a map of 20 by 20 cells. At each of them
# we try three sizes in three shapes, nine anchors, as the paper did.

# %%
heaps = [scene for scene in plates if scene.scenario == "occluded"]
plate = next(scene for scene in heaps if len(scene.instances) >= 5)
sizes, ratios, stride, grid = (50, 80, 128), (0.5, 1.0, 2.0), 16, (20, 20)
cell = cell_anchors(sizes, ratios)
figures.sliding_window(plate, cell.numpy(), sizes, ratios, stride, position=(9, 9))

# %% [markdown]
# An anchor has a **size** $s$ and a **ratio** $r$. The ratio is *height over width*; the size is the side of the square
# that has the same area. So from one row to the next the shape changes and the area stays:
#
# $$ h \cdot w = s^2, \qquad h / w = r \qquad\Rightarrow\qquad h = s \sqrt{r}, \quad w = s / \sqrt{r} . $$
#
# That is how a size of 128 comes to be 182 pixels wide and 90 high in the figure: half as high as wide, and (nearly,
# because of rounding) of the same area as a square of 128.
#
# ### Exercise: one anchor
#
# Give the corners of an anchor whose middle is the origin. Round them to whole pixels, as torchvision does. (Others do
# it in another way: the first Faster R-CNN rounded the sides of a small anchor and scaled that up, detectron2 does not
# round at all. Half a pixel is nothing to a network that moves its boxes anyway. But trained weights fit only the
# anchors with which they were trained.)


# %% exercise="anchor-box"
def anchor_box(size, ratio):
    """Corners x1, y1, x2, y2 of an anchor around the origin, rounded to whole pixels.

    size: side of the square of the same area, in pixels; ratio: height over width.
    Returns an array of four numbers.
    """
    # BEGIN SOLUTION
    height = size * np.sqrt(ratio)
    width = size / np.sqrt(ratio)
    return np.round([-width / 2, -height / 2, width / 2, height / 2])
    # END SOLUTION


# %% check="anchor-box"
check("anchor-box", anchor_box)

# %% [markdown]
# ## Anchors all over the plate
#
# Now the same nine at every place. Before you run the next cell: how many anchors will there be? And can an anchor
# stick out of the photo?

# %%
anchors = grid_anchors(cell, grid, (stride, stride))
outside = (anchors != boxes.clip(anchors, 320, 320)).any(dim=1)
print(f"{len(anchors)} anchors, {outside.float().mean():.0%} of them stick out")
figures.grid_on_plate(plate, anchors.numpy(), stride)

# %% [markdown]
# Nearly half of them stick out. The paper left those out of training; torchvision keeps them, and so do we: some piece
# at the border may have no better one. What comes of them will be cut off at the border in the end.
#
# Look closely at the right picture. The anchors of a cell sit on its **top left corner**,
# `(column * stride, row * stride)`, not in its middle. The middle would be more natural, but it does no harm: the
# network learns to move boxes anyway. Only, weights that were trained with one convention are half a cell wrong with
# the other, so we keep torchvision's.
#
# ### Exercise: the grid
#
# List the anchors of a whole map: in the first row cell by cell, then the second row, and so on, and for each cell all
# of its anchors together. The stride of each direction is the size of the image divided by the number of cells, as a
# *whole* number (`//`).


# %% exercise="anchor-grid"
def anchor_grid(cell, grid, image_size):
    """The anchors of every cell of a map, row by row, those of one cell together.

    cell: (A, 4), anchors around the origin; grid: rows and columns of the map;
    image_size: height and width of the image. Returns (rows * columns * A, 4).
    """
    # BEGIN SOLUTION
    stride_y, stride_x = image_size[0] // grid[0], image_size[1] // grid[1]
    result = []
    for row in range(grid[0]):
        for column in range(grid[1]):
            x, y = column * stride_x, row * stride_y
            result.append(cell + np.array([x, y, x, y]))
    return np.concatenate(result)
    # END SOLUTION


# %% check="anchor-grid"
check("anchor-grid", anchor_grid)

# %% [markdown]
# From here on the anchors of this lesson are yours.

# %%
one_anchor, whole_grid = yours("anchor-box", anchor_box), yours("anchor-grid", anchor_grid)
cell = np.stack([one_anchor(size, ratio) for ratio in ratios for size in sizes])
anchors = torch.from_numpy(whole_grid(cell, grid, (320, 320))).float()
print(f"{len(anchors)} anchors, the first of them {anchors[0].tolist()}")

# %% [markdown]
# In the feature pyramid of lesson 06 every level gets a grid of its own, with one size of anchors: small ones on the
# fine map, large ones on the coarse map. One level is enough to understand them all.

# %% [markdown]
# ## Which anchors are right?
#
# To train the network we need the right answer for each anchor: is it an object? How well two boxes fit is said by
# their **intersection over union**, IoU: the area that both cover, divided by the area that at least one of them
# covers. It is 1 for equal boxes and 0 for boxes apart; lesson 11 is all about it. The paper draws two borders:
#
# - IoU of 0.7 or more with some piece: the anchor is an **object**;
# - less than 0.3 with every piece: it is **background**;
# - in between: neither. The network is not asked.
#
# (Papers and programs say *positive*, *negative* and *ignored*.) Why just 0.7 and 0.3 the paper does not say; they are
# a choice. What matters is the gap: nobody should have to call an anchor right or wrong that holds half of a piece.
#
# Before you run the next cell: we have thousands of anchors. Will every piece find one that fits with 0.7?

# %%
truth = [torch.from_numpy(scene.boxes).float() for scene in plates]
overlaps = torch.cat([boxes.iou(pieces, anchors).amax(dim=1) for pieces in truth])
every = torch.cat(truth)
width, height = (every[:, 2:] - every[:, :2]).unbind(dim=1)
side, shape = (width * height).sqrt(), height / width
figures.best_overlaps(side.numpy(), shape.numpy(), overlaps.numpy(), 0.7, sizes)

# %% [markdown]
# Far from it. The places are 16 pixels apart and there are only three sizes: a piece that falls between them, or is far
# longer than wide, would have no anchor at all. Its best ones would all be "neither": the network would never be told
# that such a piece is an object.
#
# Hence a third rule, for **low-quality matches**: for each piece, the anchor that overlaps it most is an object as
# well, however little that is (all such anchors, if several are equally good). See what it does on one plate, where for
# some pieces no anchor would count.


# %%
def unmatched(scene):
    overlaps = boxes.iou(torch.from_numpy(scene.boxes).float(), anchors)
    return int((overlaps.amax(dim=1) < 0.7).sum())


fours = [scene for scene in heaps if len(scene.instances) == 4]
plate = next(scene for scene in fours if unmatched(scene) == 2)
overlaps = boxes.iou(torch.from_numpy(plate.boxes).float(), anchors)
strict = losses.match(overlaps, 0.7, 0.3)
matches = losses.match(overlaps, 0.7, 0.3, low_quality=True)
figures.matched(plate, anchors.numpy(), strict.numpy(), matches.numpy())

# %% [markdown]
# ### Exercise: object, background, or neither
#
# For each anchor give the index of the piece that it overlaps most, or -1 for background, or -2 for neither. Then apply
# the third rule.
#
# One trap: the anchor that saves piece A may overlap piece B even more. It still counts as an object, but as one of
# B's.


# %% exercise="match-anchors"
def match_anchors(iou):
    """Which piece each anchor belongs to.

    iou: (G, N), overlap of G pieces with N anchors. Returns (N,) whole numbers: the
    piece that the anchor overlaps most (IoU >= 0.7, or it is the best of some piece),
    -1 for background (IoU < 0.3 with all), -2 for neither. G and N are at least 1, and
    every piece overlaps some anchor.
    """
    # BEGIN SOLUTION
    nearest, best = iou.argmax(axis=0), iou.max(axis=0)
    result = nearest.copy()
    result[best < 0.7] = -2
    result[best < 0.3] = -1
    for overlaps in iou:
        saved = overlaps == overlaps.max()
        result[saved] = nearest[saved]
    return result
    # END SOLUTION


# %% check="match-anchors"
check("match-anchors", match_anchors)

# %% [markdown]
# Before you run the next cell: what share of the anchors on this plate are objects?

# %%
match = yours("match-anchors", match_anchors)
matches = match(overlaps.numpy())
for name, chosen in (
    ("objects", matches >= 0),
    ("background", matches == losses.BACKGROUND),
    ("neither", matches == losses.IGNORED),
):
    print(f"{name:10} {int(chosen.sum()):5d}")

# %% [markdown]
# A network that always says "background" would be right nearly everywhere: the trap of lesson 01 again. So the loss
# does not look at all anchors but at a **sample** of 256 from each photo, at most half of them objects. Where there are
# fewer objects, and there nearly always are, background fills their places.
#
# ### Exercise: a balanced sample
#
# Choose the anchors of the sample. It is drawn at random, anew in every step; the dice have been thrown for you:
# `order` holds all anchors in random order. Go through it, and take objects up to their share; background takes the
# places that are left. An anchor that is neither is never taken.


# %% exercise="balanced-sample"
def balanced_sample(labels, order, count, share):
    """Anchors to learn from: (objects, background), two tensors of indices.

    labels: (N,) of 1 for an object, 0 for background, -1 for neither; order: (N,), all
    indices in random order; count: how many in all, if there are enough; share: at
    most int(count * share) of them are objects. Take both in the order of `order`.
    """
    # BEGIN SOLUTION
    in_order = labels[order]
    objects = order[in_order == 1][: int(count * share)]
    background = order[in_order == 0][: count - len(objects)]
    return objects, background
    # END SOLUTION


# %% check="balanced-sample"
check("balanced-sample", balanced_sample)

# %% [markdown]
# Half of 256 would be 128 objects. What does the sample of this plate hold?

# %%
sample = yours("balanced-sample", balanced_sample)
labels = torch.tensor(np.select([matches >= 0, matches == losses.BACKGROUND], [1, 0], -1))
torch.manual_seed(1)
drawn = sample(labels, torch.randperm(len(labels)), 256, 0.5)
print(f"{len(drawn[0])} objects, {len(drawn[1])} of the background")

# %% [markdown]
# Every object is in it, and among so much background they are still few. But of all anchors they were less than a fifth
# of a percent; of the sample they are two percent.

# %% [markdown]
# ## From an anchor to the box in four numbers
#
# An anchor that counts as an object is still not the object's box. The network has to say how to get there. In pixels?
# Then a small piece and a large one that are off by the same *share* would need different answers, and the network
# cannot know how large the anchor is that it speaks of. So the shift is measured in widths and heights of the anchor,
# and the change of size as a quotient, or rather its logarithm:
#
# $$ d_x = \frac{x - x_a}{w_a}, \quad d_y = \frac{y - y_a}{h_a}, \quad d_w = \log\frac{w}{w_a}, \quad d_h = \log\frac{h}{h_a} , $$
#
# where $x, y$ is the *centre* of the box, $w, h$ its width and height, and $a$ marks those of the anchor. These are the
# **deltas** (Girshick et al., 2014). When the anchor already fits, all four are 0.

# %%
piece = int(overlaps.amax(dim=1).argmin())
anchor = anchors[overlaps[piece].argmax()]
box = torch.from_numpy(plate.boxes[piece]).float()
deltas = boxes.encode(box, anchor)
figures.way_to_the_box(plate, anchor.numpy(), box.numpy(), deltas.numpy())

# %% [markdown]
# Why the logarithm? Twice as wide and half as wide are the same mistake in two directions, and so they lie at the same
# distance from 0. And on the way back $w = w_a \, e^{d_w}$ can never become negative, whatever the network says.
#
# ### Exercise: encode
#
# Work out the deltas of many pairs of anchor and box at once. Deltas are often stretched by **weights**, to make their
# spread similar to that of other outputs. The RPN uses 1, 1, 1, 1; the box branch of lesson 09 will use 10, 10, 5, 5.
# Multiply $d_x, d_y, d_w, d_h$ by them.


# %% exercise="encode-deltas"
def encode_deltas(boxes, anchors, weights):
    """Deltas dx, dy, dw, dh that lead from each anchor to its box.

    boxes, anchors: (N, 4) as x1, y1, x2, y2, of width and height above 0; N may be 0.
    weights: four factors. Returns (N, 4).
    """
    # BEGIN SOLUTION
    wa, ha = anchors[:, 2] - anchors[:, 0], anchors[:, 3] - anchors[:, 1]
    w, h = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
    dx = (boxes[:, 0] + w / 2 - anchors[:, 0] - wa / 2) / wa
    dy = (boxes[:, 1] + h / 2 - anchors[:, 1] - ha / 2) / ha
    return np.stack([dx, dy, np.log(w / wa), np.log(h / ha)], axis=1) * weights
    # END SOLUTION


# %% check="encode-deltas"
check("encode-deltas", encode_deltas)

# %% [markdown]
# The way back is called *decoding*; you will write it in lesson 09, for the boxes of the heads, and until then it is
# the course's. A good test of such a pair is the round trip: encode, decode, and you should be where you began. And
# what if an untrained network asks for a box that is $e^{10}$ times as wide?

# %%
encode = yours("encode-deltas", encode_deltas)
four = encode(box.numpy()[None], anchor.numpy()[None], (1, 1, 1, 1))
back = boxes.decode(torch.from_numpy(four).float(), anchor)
print("the box again:", np.allclose(back, box, atol=1e-3))
wild = boxes.decode(torch.tensor([0.0, 0.0, 10.0, 0.0]), anchor)
wider = (wild[2] - wild[0]) / (anchor[2] - anchor[0])
print(f"asked for {np.exp(10):.0f} times the width, got {wider:.1f}")

# %% [markdown]
# The decoder does not believe everything: it holds $d_w$ and $d_h$ at $\log(1000/16)$, the quotient of the largest and
# the smallest side one may expect.

# %% [markdown]
# ## A network that learns to propose
#
# Now for the network itself. A small backbone turns a photo into a map of stride 16. On it works the **head** of the
# RPN, the sliding window: one 3x3 convolution that looks at every cell with its surroundings, and two 1x1 convolutions
# with nine times one and nine times four outputs. For each anchor the first says the **objectness** (how surely it
# holds an object, whichever), the second the four deltas.
#
# A convolution gives its result as `(batch, channels, rows, columns)`; the anchors stand in a list, row by row, those
# of one cell together. The head has to bring the one into the order of the other, and it is the line that nearly
# everybody gets wrong the first time.
#
# ### Exercise: the head of the RPN
#
# A part that is a network: write its three layers, and how a map goes through them to become two lists. The check gives
# it the weights of another, and it must give the same numbers and the same gradients; what you call its layers is up to
# you.


# %% exercise="rpn-head"
class RPNHead(nn.Module):
    """A 3x3 convolution with a ReLU, then two 1x1 convolutions beside each other.

    The 3x3 keeps channels and size. RPNHead(channels, anchors) for `anchors` in a cell.
    """

    def __init__(self, channels, anchors):
        super().__init__()
        # BEGIN SOLUTION
        self.look = nn.Conv2d(channels, channels, 3, padding=1)
        self.score = nn.Conv2d(channels, anchors, 1)
        self.move = nn.Conv2d(channels, 4 * anchors, 1)
        # END SOLUTION

    def forward(self, maps):
        """For a list of maps (B, C, H, W) two lists, an item for each map.

        Objectness logits (B, H * W * anchors), deltas (B, H * W * anchors, 4); in both
        the order is row by row, in a row cell by cell, in a cell anchor by anchor.
        """
        # BEGIN SOLUTION
        scores, deltas = [], []
        for level in maps:
            seen = self.look(level).relu()
            scores.append(self.score(seen).permute(0, 2, 3, 1).flatten(1))
            four = self.move(seen).permute(0, 2, 3, 1)
            deltas.append(four.reshape(len(four), -1, 4))
        return scores, deltas
        # END SOLUTION


# %% check="rpn-head"
check("rpn-head", RPNHead)

# %% [markdown]
# Now the network around your head. The backbone is as small as can be: the photo is halved, then come five 3x3
# convolutions, each with a batch norm and a ReLU (lesson 05). Three of them have a stride of 2: with the halving that
# makes 16. The last one is *dilated*: its nine weights read cells that lie two apart, so that a cell sees further at no
# extra cost.

# %%
torch.manual_seed(6)
torch.set_num_threads(1)  # so small a network gains nothing from a second one


def layer(inputs, outputs, stride=1, dilation=1):
    conv = nn.Conv2d(inputs, outputs, 3, stride, dilation, dilation, bias=False)
    return nn.Sequential(conv, nn.BatchNorm2d(outputs), nn.ReLU())


shrinking = [layer(3, 16, stride=2), layer(16, 32, stride=2), layer(32, 64, stride=2)]
widening = [layer(64, 64), layer(64, 64, dilation=2)]
backbone = nn.Sequential(nn.AvgPool2d(2), *shrinking, *widening)
head = yours("rpn-head", RPNHead)(64, 9)
weights = [*backbone.parameters(), *head.parameters()]
print(f"{sum(w.numel() for w in weights):,} parameters")

# %% [markdown]
# It is shown 200 plates of the training split, eight at a time. For every plate: match, draw a sample, compare. Two
# losses come out. That of the objectness is a binary cross-entropy, $-\ln$ of the probability that was given to the
# right answer, over the whole sample. That of the deltas looks only at the anchors that are objects: the *smooth L1*
# distance, a bowl around 0 with straight walls (lesson 10 draws it). The bowl reaches to an error of *beta*, here 1/9:
# deltas are small, and with PyTorch's beta of 1 hardly one would ever reach the walls. Both sums are divided by the
# size of the sample.
#
# ### Exercise: the losses of the RPN
#
# Work out both, for one photo, from what the head has said of all anchors, what is true, and who was sampled. Mind the
# photo of which nothing was sampled.


# %% exercise="rpn-losses"
def rpn_losses(objectness, deltas, labels, true_deltas, objects, background):
    """(loss of the objectness, loss of the deltas), two tensors of one number.

    objectness: (N,) logits; deltas: (N, 4); labels: (N,) of 1.0 for an object and 0.0
    for background; true_deltas: (N, 4); objects, background: indices of the sample.
    Smooth L1 with beta 1/9. Nothing sampled: both are 0.
    """
    # BEGIN SOLUTION
    sampled = torch.cat([objects, background])
    count = max(len(sampled), 1)
    score = F.binary_cross_entropy_with_logits(
        objectness[sampled], labels[sampled], reduction="sum"
    )
    move = F.smooth_l1_loss(
        deltas[objects], true_deltas[objects], beta=1 / 9, reduction="sum"
    )
    return score / count, move / count
    # END SOLUTION


# %% check="rpn-losses"
check("rpn-losses", rpn_losses)

# %% [markdown]
# Now train. First the right answers for every plate: your matching and your deltas, worked out once, since neither
# plates nor anchors change. Then 250 steps: a batch of eight plates through backbone and head, a fresh sample of each,
# both losses, and a step downhill. `AdamW` is a relative of the gradient step of lesson 03 that finds a step size of
# its own for each weight; the schedule `OneCycleLR` lets the steps grow and then shrink again.
#
# Objects are few and our training is short, so the loss of the deltas gets ten times the weight. (The paper has a 10 as
# well, but there it makes up for dividing the one loss by some 2,400 places and the other by 256 samples; torchvision
# divides both by the 256 and does without.)


# %%
def as_batch(scenes):
    photos = torch.stack([torch.from_numpy(scene.image.copy()) for scene in scenes])
    return photos.permute(0, 3, 1, 2).float() / 127.5 - 1


train = load("train")[:200]
photos = as_batch(train)
targets = []
for scene in train:
    nearest = match(boxes.iou(scene.boxes, anchors.numpy().astype(float)))
    deltas = encode(scene.boxes[nearest.clip(0)], anchors.numpy(), (1, 1, 1, 1))
    labels = np.select([nearest >= 0, nearest == losses.BACKGROUND], [1, 0], -1)
    targets.append((torch.from_numpy(labels), torch.from_numpy(deltas).float()))


# %%
both_losses = yours("rpn-losses", rpn_losses)


def plate_losses(objectness, deltas, labels, true_deltas):
    chosen = sample(labels, torch.randperm(len(labels)), 256, 0.5)
    both = both_losses(objectness, deltas, labels.float(), true_deltas, *chosen)
    return torch.stack(both)


# %% uncompared="what a network has learned differs from processor to processor"
steps, history = 250, []
optimizer = torch.optim.AdamW(weights)
schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 2e-3, total_steps=steps)
for _ in range(steps):
    batch = torch.randint(len(photos), (8,))
    (objectness,), (moves,) = head([backbone(photos[batch])])
    pairs = zip(objectness, moves, batch)
    each = [plate_losses(o, d, *targets[k]) for o, d, k in pairs]
    loss = torch.stack(each).mean(dim=0)
    optimizer.zero_grad()
    (loss[0] + 10 * loss[1]).backward()
    optimizer.step()
    schedule.step()
    history.append(loss.tolist())
more_figures.losses(np.array(history))

# %% [markdown]
# On the left the loss begins near $\ln 2 = 0.69$, that of a network that knows nothing and says one half to all, and
# soon most of the background is told from food. On the right the numbers are small from the start, for the sum runs
# over a few objects and is divided by all 256 of the sample; and they jump, since so few anchors have a say. It falls
# longer than the left one: *where exactly* is the harder question.
#
# A few seconds are no match for the hours that a real Mask R-CNN trains. But does it find food on plates it has never
# seen? Here is one on which pieces of different sizes lie apart.
#
# Before you run the next cell: where will the anchors of each size light up, on the food, on the rim of the plate, on
# crumbs?

# %%
for module in (backbone, head):
    module.eval()
with torch.no_grad():
    (objectness,), (moves,) = head([backbone(as_batch(plates))])


def spread(k):
    sides = boxes.area(truth[k]).sqrt()
    apart = plates[k].scenario != "occluded" and len(sides) >= 3
    return float(sides.max() / sides.min()) if apart else 0.0


number = max(range(len(plates)), key=spread)
plate = plates[number]
chances = objectness[number].sigmoid().reshape(*grid, 3, 3).numpy()
more_figures.objectness(plate, chances[:, :, ratios.index(1.0)], sizes)

# %% [markdown]
# The network has learned *food* without ever being told which: cireng or tempe, a piece is a piece. And anchors of
# different sizes answer differently at the same place, though they all read the same numbers there. The sides of the
# pieces are written on them: the small one, of 70 pixels, is nearer to 80 than to 50 or 128, and the two large ones lie
# between 80 and 128 and light up in both. That 80 is the surest everywhere has one more reason: most pieces are of
# about that size, as the chart above has shown, and a network learns what it is shown often.
#
# And the rim of the plate, and the crumbs? Ask all hundred plates, with the surest of the nine anchors at each place.

# %% uncompared="what a network has learned differs from processor to processor"
surest_there = objectness.sigmoid().reshape(len(plates), *grid, 9).amax(dim=-1)
places = {"a piece": [], "the empty plate": [], "the table": []}
for scene, there in zip(plates, surest_there.numpy()):
    food = scene.visible_masks.any(axis=0)
    for name, mask in zip(places, (food, scene.plate_mask & ~food, ~scene.plate_mask & ~food)):
        places[name].append(there[mask[::stride, ::stride]])
for name, values in places.items():
    sure = np.concatenate(values) > 0.5
    print(f"{name:16} {len(sure):6d} places, {sure.mean():6.1%} of them more likely an object than not")

# %% [markdown]
# Rims and crumbs, tables and shadows: all of them were in the samples as background, often, and are hardly ever taken
# for food. (At the outline of a piece no anchor fits well, so not every place on food is bright either.)

# %% [markdown]
# ## Many boxes on one piece
#
# Neighbouring anchors see almost the same and answer almost the same. Take the 60 surest of this plate, move them with
# their deltas, and cut them off at the border of the photo.
#
# Before you run the next cell: how many different pieces will these 60 boxes show? And when all doubles are struck out,
# how many boxes will be left?


# %% uncompared="what a network has learned differs from processor to processor"
def candidates(number, count):
    """The surest anchors of a plate, moved and clipped, best first, and how sure each is."""
    chance, best = objectness[number].sigmoid().topk(count)
    moved = boxes.decode(moves[number, best], anchors[best])
    return boxes.clip(moved, 320, 320), chance


found, chance = candidates(number, 60)
more_figures.nms_steps(plate, found.numpy(), chance.numpy(), threshold=0.5)

# %% [markdown]
# Three pieces. Green is kept, orange is struck out, grey still waits. This is **non-maximum suppression** (NMS): keep
# the surest box, strike out all that overlap it by more than a threshold, go on with the surest of those that are left.
# Nothing in it is learned.
#
# But more than three boxes are left. Is there a mistake? Look at them one by one: how sure each is, and how well it
# fits the piece that it fits best.

# %% uncompared="what a network has learned differs from processor to processor"
left = torch.as_tensor(boxes.nms(found, chance, 0.5))
fit, whose = boxes.iou(found[left], truth[number]).max(dim=1)
for k in range(len(left)):
    print(f"objectness {chance[left[k]]:.2f}   IoU {fit[k]:.2f} with piece {whose[k]}")

# %% [markdown]
# No mistake. NMS asks whether two boxes are *alike*, not whether a box is good. A box that holds half of a piece, or
# parts of two, overlaps the good one by less than the threshold and stays. It is mostly less sure, so it stands further
# down the list; to throw it out altogether is the work of the heads (lesson 09), which look at each box again.
#
# For these pictures the threshold was an IoU of 0.5, and the pieces lie apart. On a heap a threshold has two sides.
# Move it:

# %% uncompared="what a network has learned differs from processor to processor"
crowd = max(range(len(plates)), key=lambda number: len(plates[number].instances))
found, chance = candidates(crowd, 100)
suppression(plates[crowd], found.numpy(), chance.numpy())

# %% [markdown]
# Here are a few places of the slider in a table.

# %% uncompared="what a network has learned differs from processor to processor"
pieces = truth[crowd]
print(f"threshold   boxes kept   pieces with a box of IoU 0.5, of {len(pieces)}")
for threshold in (0.1, 0.3, 0.5, 0.7, 0.9):
    kept = found[torch.as_tensor(boxes.nms(found, chance, threshold))]
    good = (boxes.iou(pieces, kept).amax(dim=1) >= 0.5).sum()
    print(f"{threshold:9} {len(kept):12d} {good:13d}")

# %% [markdown]
# A piece loses its last good box as soon as the threshold falls below the overlap of that box with a surer one, of its
# neighbour in the heap. Going up, hardly anything is lost, but the doubles come back, until nearly all hundred boxes are there
# again. (A piece that has no good box even at 0.9 had none among the hundred surest.)
#
# The RPN takes 0.7, which leaves several boxes for each piece: it would rather hand on a double than lose a piece.
#
# On a pyramid the boxes of each level are treated on their own, in lesson 09 those of each class: boxes of different
# **groups** never strike each other.
#
# ### Exercise: strike out the doubles
#
# Give the boxes that non-maximum suppression keeps. The IoU of every pair is already worked out.


# %% exercise="suppress-doubles"
def suppress_doubles(overlaps, scores, threshold, groups):
    """Indices of the boxes that non-maximum suppression keeps, the surest first.

    overlaps: (N, N), the IoU of every pair of boxes; scores: (N,), on a tie the
    earlier box comes first; threshold: the largest IoU that two kept boxes of a group
    may have; groups: (N,) of whole numbers. N may be 0. Returns a list of indices.
    """
    # BEGIN SOLUTION
    waiting = list(np.argsort(-scores, kind="stable"))
    kept = []
    while waiting:
        best = waiting.pop(0)
        kept.append(int(best))
        double = (groups == groups[best]) & (overlaps[best] > threshold)
        waiting = [k for k in waiting if not double[k]]
    return kept
    # END SOLUTION


# %% check="suppress-doubles"
check("suppress-doubles", suppress_doubles)

# %% [markdown]
# NMS has a price. It cannot know whether two boxes show one piece twice or two pieces in a heap, one upon the other.
# When two true boxes overlap by more than the threshold, one of them has to go. Among proposals 0.7 is generous; after
# the heads it will be 0.5, and lesson 16 measures what that costs.

# %% [markdown]
# ### Exercise: the short list
#
# Put the second half of the network together, for one photo and any number of levels: from the numbers of the head to a
# short list of boxes. For each level on its own: the `before` anchors of the largest objectness (all, if there are
# fewer), moved by their deltas, clipped to the photo; boxes with a side below 0.001 pixels are dropped. Then all levels
# together: doubles out, in groups by level, and of the rest the `after` best.
#
# `score.topk(k)` gives values and indices; `boxes.decode(deltas, anchors)`, `boxes.clip(found, *size)` and
# `boxes.large_enough(found, 0.001)`, a bool for each box, are at hand.


# %% exercise="proposals"
def proposals(objectness, deltas, anchors, size, before, after, nms):
    """Boxes (P, 4) that deserve a second look, the surest first.

    objectness, deltas, anchors: lists with an item for each level, (A,), (A, 4) and
    (A, 4); size: height and width of the photo; before, after: see above;
    nms(boxes, scores, groups): indices of the boxes that stay, the surest first.
    """
    # BEGIN SOLUTION
    found, scores, groups = [], [], []
    for k, (score, delta, anchor) in enumerate(zip(objectness, deltas, anchors)):
        best = score.topk(min(before, len(score))).indices
        moved = boxes.clip(boxes.decode(delta[best], anchor[best]), *size)
        large = boxes.large_enough(moved, 0.001)
        found.append(moved[large])
        scores.append(score[best][large])
        groups.append(torch.full((len(found[-1]),), k))
    found, scores, groups = torch.cat(found), torch.cat(scores), torch.cat(groups)
    return found[nms(found, scores, groups)[:after]]
    # END SOLUTION


# %% check="proposals"
check("proposals", proposals)

# %% [markdown]
# ## What is left after each stage?
#
# Whatever the proposals miss, no later part of Mask R-CNN can bring back. So the number that counts here is **recall**:
# the share of all pieces for which at least one box fits with a given IoU. (Wrong boxes do little harm yet, the heads
# will sort them out.)
#
# We follow all plates of the validation split through the stages: all anchors; the 300 surest; the same boxes, moved by
# their deltas; those that NMS leaves; the first 100 of them. (torchvision takes up to 1000 of each level into NMS and
# keeps 1000 in all.)
#
# Before you run the next cell: which of these steps can raise the recall, and which can only lower it?


# %%
def recall(found, threshold):
    hits = [boxes.iou(t, f).amax(dim=1) >= threshold for t, f in zip(truth, found)]
    return torch.cat(hits).float().mean().item()


# %%
every = range(len(plates))
surest = [anchors[objectness[k].topk(300).indices] for k in every]
moved = [candidates(k, 300)[0] for k in every]
strike = yours("suppress-doubles", suppress_doubles)


def nms(found, scores, groups):
    overlaps = boxes.iou(found, found).numpy()
    return torch.tensor(strike(overlaps, scores.numpy(), 0.7, groups.numpy()))


one_group = torch.zeros(300, dtype=torch.int64)
lasting = [nms(f, candidates(k, 300)[1], one_group) for k, f in enumerate(moved)]
without_doubles = [f[kept] for f, kept in zip(moved, lasting)]

# %% uncompared="what a network has learned differs from processor to processor"
short_list = yours("proposals", proposals)
shortest = []
for score, move in zip(objectness, moves):
    shortest.append(short_list([score], [move], [anchors], (320, 320), 300, 100, nms))
stages = {
    "all anchors": [anchors] * len(plates),
    "the 300 surest": surest,
    "moved by their deltas": moved,
    "after NMS": without_doubles,
    "the short list of 100": shortest,
}
print("stage                   boxes   recall at IoU 0.5   at IoU 0.7")
for name, found in stages.items():
    count = np.mean([len(f) for f in found])
    loose, tight = recall(found, 0.5), recall(found, 0.7)
    print(f"{name:22} {count:6.0f} {loose:14.0%} {tight:14.0%}")

# %% [markdown]
# Only one step can raise it: the deltas. At an IoU of 0.7 they find with a few hundred moved boxes more than all
# anchors could where they stood. All the others throw boxes away, so they can only lower it. Then why strike out
# doubles, if that only loses? Compare lists of *equal length*:

# %% uncompared="what a network has learned differs from processor to processor"
counts = [1, 2, 5, 10, 20, 50, 100]
lists = {
    "surest anchors": surest,
    "moved": moved,
    "moved, without doubles": without_doubles,
}
curves = {}
for name, found in lists.items():
    curves[name] = [recall([f[:n] for f in found], 0.5) for n in counts]
more_figures.recall_curves(counts, curves, 0.5)

# %% [markdown]
# The heads of Mask R-CNN do much more work for each box than the RPN. What they are given is a short list, and on a
# short list every double takes the place of a piece.

# %% [markdown]
# ## What you now know
#
# - Anchors are boxes of fixed sizes and shapes at every place of a feature map; a ratio is height over width, a size
#   the root of the area.
# - An anchor is an object from an IoU of 0.7 on, background below 0.3, and neither in between; the best anchor of each
#   piece always counts.
# - Deltas lead from an anchor to a box: shifts in anchor sizes, changes of size as logarithms.
# - Non-maximum suppression keeps the surest box and strikes out its doubles, again and again.
# - Recall can rise only where boxes are moved. Every other stage makes the list shorter.
#
# ## Test yourself
#
# 1. A pyramid level has 13 columns for an image 800 pixels wide. Where do the anchors of column 2 have their centre?
# 2. Why is an anchor with IoU 0.5 not simply called background?
# 3. Two tahu lie upon each other, and their true boxes have an IoU of 0.8. What does NMS at 0.7 do to two perfect
#    proposals?
#
# <details><summary>Answers</summary>
#
# 1. The stride is $800 // 13 = 61$, so at $x = 122$.
# 2. It shows a good part of a piece. To call it background would teach the network that such a part looks like nothing;
#    to call it an object would teach it sloppiness.
# 3. It strikes out the one that is less sure: to NMS they are one piece seen twice.
#
# </details>
#
# ## Read more
#
# - S. Ren, K. He, R. Girshick, J. Sun, "Faster R-CNN: Towards Real-Time Object Detection with Region Proposal
#   Networks", NeurIPS 2015 and IEEE TPAMI 39(6), 2017, section 3: everything in this lesson.
# - R. Girshick et al., "Rich Feature Hierarchies for Accurate Object Detection and Semantic Segmentation", CVPR 2014,
#   appendix C: the deltas.
# - T.-Y. Lin et al., "Feature Pyramid Networks for Object Detection", CVPR 2017, section 4.1: one size of anchors for
#   each level.
#
# **Next**: [08 · RoIAlign](08_roi_align.ipynb)

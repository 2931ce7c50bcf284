"""RoIAlign (He et al. 2017, section 3): equally many features out of every box, without any rounding."""

import torch
from torch import Tensor
from torch.nn import functional as F

from course_utils import boxes
from course_utils.errors import CourseError


def neighbours(y: Tensor, x: Tensor, height: int, width: int) -> tuple[Tensor, Tensor]:
    """The four pixels around points between pixels, and the share of each in bilinear interpolation.

    Coordinates are those of pixel centres: (0, 0) is the centre of the first pixel. Up to one pixel
    outside, the border's value holds; beyond that all shares are 0.

    Args:
        y: ``(K, P)`` rows. x: ``(K, Q)`` columns. Every row is paired with every column.
        height, width: of the map.

    Returns:
        Places in a map whose rows stand one after the other, int64, and shares, both ``(K, P, Q, 4)``.
    """
    inside = ((y >= -1) & (y <= height))[:, :, None] & ((x >= -1) & (x <= width))[:, None, :]
    y, x = y.clamp(0, height - 1), x.clamp(0, width - 1)
    top, left = y.long(), x.long()
    rows = torch.stack([top, (top + 1).clamp(max=height - 1)], dim=-1)[:, :, None, :, None]
    columns = torch.stack([left, (left + 1).clamp(max=width - 1)], dim=-1)[:, None, :, None, :]
    down, across = y - top, x - left
    row_shares = torch.stack([1 - down, down], dim=-1)[:, :, None, :, None]
    column_shares = torch.stack([1 - across, across], dim=-1)[:, None, :, None, :]
    shares = row_shares * column_shares * inside[:, :, :, None, None]
    return (rows * width + columns).flatten(3), shares.flatten(3)


def weighted_sums(maps: Tensor, image: Tensor, places: Tensor, weights: Tensor) -> Tensor:
    """Sums of weighted pixels: ``(B, C, H, W), (K,), (K, P, Q, N), (K, P, Q, N) -> (K, P, Q, C)``.

    ``image`` says in which map of the batch each of the K rows looks.
    """
    _, channels, height, width = maps.shape
    # All pixels as rows of one table, so that a pixel is looked up by one number and its channels lie side by
    # side. What torch calls a bag is then one sum: it never holds more than one pixel at a time.
    pixels = maps.permute(0, 2, 3, 1).reshape(-1, channels)
    index = places + (image * (height * width))[:, None, None, None]
    bags, weights = index.flatten(0, 2), weights.flatten(0, 2).to(pixels.dtype)
    return F.embedding_bag(bags, pixels, per_sample_weights=weights, mode="sum").view(*places.shape[:3], channels)


def bilinear(maps: Tensor, image: Tensor, y: Tensor, x: Tensor) -> Tensor:
    """Values of feature maps between their pixels, each one the weighted mean of the four pixels around it.

    Args:
        maps: ``(B, C, H, W)``.
        image: ``(K,)`` int64: in which map of the batch to look.
        y, x: ``(K, P)`` rows and ``(K, Q)`` columns, as in `neighbours`.

    Returns:
        ``(K, P, Q, C)``.
    """
    return weighted_sums(maps, image, *neighbours(y, x, *maps.shape[-2:]))


def sample_points(start: Tensor, extent: Tensor, bins: int, samples: int) -> Tensor:
    """Evenly spread coordinates of the points along one axis: ``(K,), (K,) -> (K, bins * samples)``."""
    bin_size = extent / bins
    first = start[:, None] + torch.arange(bins, device=start.device) * bin_size[:, None]
    within = (torch.arange(samples, device=start.device) + 0.5) * (bin_size / samples)[:, None]
    return (first[:, :, None] + within[:, None, :]).flatten(1)


def roi_align(
    maps: Tensor,
    rois: Tensor,
    output_size: tuple[int, int],
    spatial_scale: float,
    sampling_ratio: int = 2,
    aligned: bool = False,
) -> Tensor:
    """Features of each RoI: split it into bins, look up a few points in each bin, average them.

    Args:
        maps: ``(B, C, H, W)``.
        rois: ``(K, 5)``: index in the batch, then the box in pixels of the image.
        output_size: bins (P, Q) in y and x.
        spatial_scale: pixels of the map per pixel of the image, 1/4 for P2.
        sampling_ratio: points per bin along each axis; 0 or less: as many as the bin covers pixels, rounded
            up.
        aligned: whether image coordinate 0 is the *edge* of the first pixel (detectron2), so that half a
            pixel comes off to get to pixel centres; torchvision's Mask R-CNN leaves it out and widens RoIs
            under one pixel.

    Returns:
        ``(K, C, P, Q)``; zeros for a RoI that covers no pixel, where their number decides about the points.

    Raises:
        CourseError: maps or RoIs of another shape.
    """
    if maps.dim() != 4 or rois.dim() != 2 or rois.shape[1] != 5:
        raise CourseError(
            f"roi_align: maps of shape {tuple(maps.shape)} and rois of shape {tuple(rois.shape)}; give (B, C, H, W) "
            "and (K, 5): the index in the batch, then x1, y1, x2, y2"
        )
    # Coordinates keep their precision when the features are halved by autocast.
    rois = rois.to(torch.float64 if maps.dtype == torch.float64 else torch.float32)
    image = rois[:, 0].long()
    corners = rois[:, 1:] * spatial_scale - (0.5 if aligned else 0.0)
    left, top, right, bottom = corners.unbind(1)
    width, height = right - left, bottom - top
    if not aligned:
        width, height = width.clamp(min=1), height.clamp(min=1)
    bins_y, bins_x = output_size
    if sampling_ratio > 0:
        samples = rois.new_full((len(rois), 2), sampling_ratio, dtype=torch.int64)
    else:
        samples = torch.stack([height / bins_y, width / bins_x], dim=1).ceil().long().clamp(min=0)

    # The sum of no map is 0; it keeps the result in the graph when no RoI is looked up.
    pooled = maps.new_zeros((len(rois), maps.shape[1], bins_y, bins_x)) + maps[:0].sum()
    # RoIs with equally many points are done together.
    for ratio_y, ratio_x in samples[samples.prod(dim=1) > 0].unique(dim=0).tolist():
        k = torch.where((samples[:, 0] == ratio_y) & (samples[:, 1] == ratio_x))[0]
        y = sample_points(top[k], height[k], bins_y, ratio_y)
        x = sample_points(left[k], width[k], bins_x, ratio_x)
        found = neighbours(y, x, *maps.shape[-2:])
        # All points of a bin side by side: their mean is one weighted sum over 4 pixels a point.
        places, shares = (
            each.view(len(k), bins_y, ratio_y, bins_x, ratio_x, 4).transpose(2, 3).flatten(3) for each in found
        )
        means = weighted_sums(maps, image[k], places, shares / (ratio_y * ratio_x))
        pooled = pooled.index_copy(0, k, means.permute(0, 3, 1, 2))
    return pooled


def to_rois(boxes_per_image: list[Tensor]) -> Tensor:
    """One table of RoIs from each image's boxes: ``[(N_i, 4)] -> (sum of N_i, 5)``, the image index first."""
    counts = [len(b) for b in boxes_per_image]
    table = torch.cat(boxes_per_image)
    image = torch.repeat_interleave(torch.arange(len(counts)), torch.tensor(counts)).to(table)
    return torch.cat([image[:, None], table], dim=1)


def roi_levels(rois: Tensor, finest: int, coarsest: int) -> Tensor:
    """Which pyramid level serves each box (Lin et al. 2017, equation 1): large boxes look at coarse maps.

    Args:
        rois: ``(N, 4)`` in pixels of the network's input. A box of 224 x 224 belongs to level 4 (P4).
        finest, coarsest: the levels there are, as powers of two of their strides: 2 and 5.

    Returns:
        ``(N,)`` int64, 0 for the finest level.
    """
    # The 1e-6 is torchvision's: it keeps a box of exactly 224, 448, ... pixels from falling to the finer
    # level.
    level = torch.floor(4 + torch.log2(boxes.area(rois).sqrt() / 224) + 1e-6)
    return level.clamp(finest, coarsest).long() - finest


def pool(
    maps: list[Tensor], boxes_per_image: list[Tensor], image_size: tuple[int, int], size: int, align=roi_align
) -> Tensor:
    """RoIAlign on a pyramid: each box takes its features from its own level.

    Args:
        maps: ``(B, C, H_k, W_k)`` per level, finest first, without "pool".
        boxes_per_image: for each image of the batch its boxes ``(N_i, 4)``.
        image_size: height and width of the padded input.
        size: bins along each side, 7 for the box branch and 14 for the mask branch.
        align: `roi_align` or torchvision's.

    Returns:
        ``(sum of N_i, C, size, size)``.
    """
    rois = to_rois(boxes_per_image)
    strides = [image_size[0] // level.shape[-2] for level in maps]
    levels = roi_levels(rois[:, 1:], strides[0].bit_length() - 1, strides[-1].bit_length() - 1)
    pooled, order = [], []
    for k, (level, stride) in enumerate(zip(maps, strides, strict=True)):
        chosen = torch.where(levels == k)[0]
        pooled.append(align(level, rois[chosen], (size, size), 1 / stride, sampling_ratio=2))
        order.append(chosen)
    return torch.cat(pooled)[torch.cat(order).argsort()]

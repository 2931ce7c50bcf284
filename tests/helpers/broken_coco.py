"""A grammar of COCO-like files: sound ones in which some fields hold what programs and people are known to write."""

from copy import deepcopy

from hypothesis import strategies as st

from course_utils import masks

H, W = 12, 16
NAMES = ("1.png", "2.png", "3.png")
_NASTY = [
    None, True, False, 0, 1, -1, 2, 3.0, 1.5, float("nan"), float("inf"), -float("inf"), 10**400, 2**63, 1e300,
    "", "0", "1", "2", " 3 ", "cam_1", "false", "NaN", "\ud800", "a\nb", "x" * 5000, [], {}, [[]], [[[]]],
    [None], {"a": 1},
    [1, 2], [1, 2, 3, 4], ["a"], "b'0'", [float("nan")] * 4,
]  # fmt: skip
NASTY = st.sampled_from(_NASTY).map(deepcopy)
SIDE = st.one_of(st.floats(-2, 18), st.integers(-2, 18), st.sampled_from([-30.0, 40, 1e9, -1e9, 10**400, float("nan")]))
POLYGON = st.one_of(
    st.lists(st.floats(0, 12), min_size=6, max_size=12).map(lambda sides: sides[: len(sides) // 2 * 2]),
    st.lists(SIDE, max_size=9),
    st.just([2, 2, 9, 2, 9, 9, 2, 9]),
)
BITS = st.lists(st.booleans(), min_size=H * W, max_size=H * W)


def _rle(bits: list[bool]) -> dict:
    counts, last = [0], False
    for bit in bits:
        if bit != last:
            counts.append(0)
            last = bit
        counts[-1] += 1
    return {"size": [H, W], "counts": counts}


RLE = st.one_of(
    BITS.map(_rle),
    BITS.map(lambda bits: {"size": [H, W], "counts": masks.compress(_rle(bits)["counts"])}),
    st.fixed_dictionaries({"size": st.sampled_from([[H, W], [W, H], [0, 0], None, "x"]), "counts": NASTY}),
    st.text(alphabet=[chr(code) for code in range(40, 120)], max_size=12).map(
        lambda text: {"size": [H, W], "counts": text}
    ),
)
SEGMENTATION = st.one_of(
    st.just([[2.0, 2.0, 9.0, 2.0, 9.0, 9.0, 2.0, 9.0]]), st.lists(POLYGON, max_size=3), POLYGON, RLE, NASTY
)


@st.composite
def contents(draw) -> dict:
    """A file's content: up to three photos, six annotations, three categories, with up to four faults."""
    images = [
        {"id": k, "file_name": NAMES[k - 1], "height": H, "width": W} for k in range(1, draw(st.integers(0, 3)) + 1)
    ]
    categories = [{"id": k, "name": f"kind {k}"} for k in range(1, draw(st.integers(1, 3)) + 1)]
    amodal = draw(st.booleans())
    annotations = [
        {
            "id": k,
            "image_id": draw(st.integers(1, 3)),
            "category_id": draw(st.integers(1, 3)),
            "segmentation": draw(SEGMENTATION) if draw(st.booleans()) else [[2, 2, 9, 2, 9, 9, 2, 9]],
            "tag": k,
            "bbox": [2, 2, 7, 7],
            "area": 49,
            "iscrowd": draw(st.sampled_from([0, 0, 0, 1, False, True, None])),
        }
        | ({"visible_segmentation": draw(SEGMENTATION)} if amodal else {})
        for k in range(1, draw(st.integers(0, 6)) + 1)
    ]
    content = {"images": images, "annotations": annotations, "categories": categories}
    for _ in range(draw(st.integers(0, 4))):
        records = content[draw(st.sampled_from(list(content)))]
        if not records:
            continue
        position = draw(st.integers(0, len(records) - 1))
        if draw(st.integers(0, 9)) == 0:
            records[position] = draw(NASTY)
        elif isinstance(records[position], dict) and records[position]:
            key = draw(st.sampled_from(sorted(records[position].keys() - {"tag"})))
            if draw(st.integers(0, 5)) == 0:
                del records[position][key]
            else:
                records[position][key] = draw(NASTY)
    if draw(st.integers(0, 30)) == 0:
        content[draw(st.sampled_from(list(content)))] = draw(NASTY)
    return content

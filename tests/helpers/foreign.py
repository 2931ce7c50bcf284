"""The course's COCO written in the formats of others, for the importers to read back."""

from copy import deepcopy

from course_utils import masks


def polygons(rle: dict) -> list[list[float]]:
    return masks.to_polygons(masks.decode(rle))


def box(rle: dict) -> list[float]:
    x1, y1, x2, y2 = masks.to_box(masks.decode(rle)).tolist()
    return [x1, y1, x2 - x1, y2 - y1]


def to_coco(coco: dict) -> dict:
    """Visible masks only."""
    annotations = [
        {key: one[key] for key in ("id", "image_id", "category_id", "iscrowd")}
        | {"segmentation": polygons(one["visible_segmentation"]), "bbox": box(one["visible_segmentation"])}
        for one in coco["annotations"]
    ]
    return {"images": deepcopy(coco["images"]), "categories": coco["categories"], "annotations": annotations}


def to_kins_2019(coco: dict) -> dict:
    """Ids from 0, as in the real file."""
    annotations = [
        {
            "id": one["id"] - 1,
            "image_id": one["image_id"] - 1,
            "category_id": one["category_id"],
            "iscrowd": 0,
            "segmentation": polygons(one["segmentation"]),
            "area": one["area"],
            "bbox": one["bbox"],
            "inmodal_seg": one["visible_segmentation"],
            "inmodal_bbox": box(one["visible_segmentation"]),
        }
        for one in coco["annotations"]
    ]
    images = [image | {"id": image["id"] - 1} for image in coco["images"]]
    return {"images": images, "categories": coco["categories"], "annotations": annotations}


def to_kins_2020(coco: dict) -> dict:
    annotations = [
        {
            "id": one["id"],
            "image_id": one["image_id"],
            "category_id": one["category_id"],
            "iscrowd": 0,
            "a_segm": polygons(one["segmentation"]),
            "a_bbox": one["bbox"],
            "a_area": one["area"],
            "i_segm": polygons(one["visible_segmentation"]),
            "i_bbox": box(one["visible_segmentation"]),
            "i_area": one["visible_area"],
            "oco_id": 1,
            "ico_id": one["depth_order"],
        }
        for one in coco["annotations"]
    ]
    return {"images": deepcopy(coco["images"]), "categories": coco["categories"], "annotations": annotations}


def to_cocoa(coco: dict) -> dict:
    names = {one["id"]: one["name"] for one in coco["categories"]}
    annotations = []
    for image in coco["images"]:
        own = [one for one in coco["annotations"] if one["image_id"] == image["id"]]
        regions = [_region(one, names) for one in sorted(own, key=lambda one: one["depth_order"])]
        facts = {"id": 100 + image["id"], "image_id": image["id"], "author": "a", "url": image["file_name"]}
        annotations.append(facts | {"size": len(regions), "depth_constraint": "", "regions": regions})
    return {"images": deepcopy(coco["images"]), "annotations": annotations}


def _region(one: dict, names: dict[int, str]) -> dict:
    outline = max(polygons(one["segmentation"]), key=len)
    whole = masks.from_polygons([outline], *one["segmentation"]["size"])
    visible = masks.decode(one["visible_segmentation"]) & whole
    region = {
        "segmentation": outline,
        "name": names[one["category_id"]].title(),
        "area": one["area"],
        "isStuff": 0,
        "occlude_rate": one["occlusion_rate"],
        "order": one["depth_order"],
    }
    if one["occlusion_rate"]:
        region |= {"visible_mask": masks.encode(visible), "invisible_mask": masks.encode(whole & ~visible)}
    return region

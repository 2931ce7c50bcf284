"""`course predict`."""

from pathlib import Path

import click

from course_utils.errors import CourseError


@click.command()
@click.argument("model", type=click.Path(path_type=Path))
@click.argument("photos", nargs=-1, required=True)
@click.option(
    "--out", type=click.Path(path_type=Path), required=True, help="Folder of the results; a stopped run goes on."
)
@click.option("--min-score", default=0.5, show_default=True, help="Detections below are left out.")
@click.option(
    "--size", type=int, help="Pixels that the longer side is scaled to for the model; as in training by default."
)
@click.option(
    "--eight-looks", is_flag=True, help="Turn and mirror each photo in all eight ways; takes eight times as long."
)
def predict(
    model: Path, photos: tuple[str, ...], out: Path, min_score: float, size: int | None, eight_looks: bool
) -> None:
    """Find and outline the objects on photos of your own.

    MODEL is a run's folder or its weights.safetensors, PHOTOS are files, folders and patterns. --out gets a picture of
    each photo with its objects outlined, hidden parts dashed (pictures/), maps of classes and of objects as PNG
    (classes/, objects/), COCO results (results.json), and the same as a COCO file (annotations/predictions.json), which
    `course data export --format labelme` opens for corrections.
    """
    from tqdm import tqdm

    from course_utils.dataset.findings import counted
    from course_utils.prediction import load_model
    from course_utils.prediction.folder import Results, find_photos, names_of
    from course_utils.prediction.predict import predict as look_at

    eyes = load_model(model, size, eight_looks)
    classes = eyes.names
    paths = names_of(find_photos(photos))
    weights = model / "weights.safetensors" if model.is_dir() else model
    settings = {"model": str(weights.resolve()), "bytes": weights.stat().st_size, "changed": weights.stat().st_mtime}
    settings |= {"min_score": min_score, "size": size, "eight_looks": eight_looks}
    try:
        results = Results(out, settings, classes)
        faults = []
        for path, name in tqdm(paths.items(), "photos", unit="photo", delay=2, disable=None):
            if results.has(name):
                continue
            try:
                results.add(name, path, look_at(eyes, path, min_score))
            except CourseError as error:
                faults.append(str(error))
        found = results.finish([name for name in paths.values() if results.has(name)])
    except OSError as error:
        raise CourseError(f"{out}: cannot be written: {error.strerror or error}") from None
    for fault in faults:
        click.echo(f"error: {fault}")
    click.echo(f"{out}: {counted(len(paths) - len(faults), 'photo')}, {counted(found, 'object')}")
    raise SystemExit(1 if faults else 0)

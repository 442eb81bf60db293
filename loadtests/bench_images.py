"""Photos a CPU-second: the confined pipeline beside the bare library doing the same work.

    python -m loadtests.bench_images [--json] [--images 8] [--rounds 3]

Both turn the same 12 megapixel JPEG (a real photo, enlarged, with sensor-like noise and EXIF)
into six variants. CPU time of this process and of the children is counted, so pipes, limits,
checks and the placeholder are all in the price. Rounds of both take turns on the same machine.
"""

import argparse
import asyncio
import importlib.util
import io
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from PIL import Image, ImageOps

from app.media.photo import WIDTHS
from app.media.sandbox import ImageSandbox
from app.settings import Media

GOAL = 0.8
_SIZE = (4032, 3024)
_TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")


def make_photo() -> bytes:
    """12 megapixels, about 2.5 MB, as a phone would send them."""
    spec = importlib.util.find_spec("skimage")
    if spec is None or spec.submodule_search_locations is None:
        sys.exit("scikit-image is needed for its photos: pip install scikit-image")
    path = Path(spec.submodule_search_locations[0]) / "data" / "coffee.png"
    with Image.open(path) as small:
        large = small.convert("RGB").resize(_SIZE, Image.Resampling.LANCZOS)
    noise = Image.effect_noise(_SIZE, 12).convert("RGB")
    exif = Image.Exif()
    exif[0x010F], exif[0x0112] = "Acme Phone", 6
    out = io.BytesIO()
    Image.blend(large, noise, 0.15).save(out, "JPEG", quality=92, exif=exif)
    return out.getvalue()


def bare(data: bytes) -> int:
    """The same steps with nothing around them; the bytes made."""
    image: Image.Image = Image.open(io.BytesIO(data))
    image.draft(None, (1440, 1080))
    image = image.resize((1440, 1080), Image.Resampling.LANCZOS)
    image = ImageOps.exif_transpose(image) or image
    size = 0
    for width in WIDTHS:
        if width != image.width:
            height = round(image.height * width / image.width)
            image = image.resize((width, height), Image.Resampling.LANCZOS)
        for kind, options in (
            ("WEBP", {"quality": 80, "method": 2}),
            ("JPEG", {"quality": 82, "progressive": True, "optimize": True}),
        ):
            out = io.BytesIO()
            image.save(out, kind, **options)
            size += len(out.getvalue())
    return size


def _cpu_s(pids: list[int]) -> float:
    """CPU seconds used by this process and by these others so far."""
    own = time.process_time()
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        own += (int(fields[11]) + int(fields[12])) / _TICKS_A_SECOND
    return own


async def _rate(
    work: Callable[[], Awaitable[object]], images: int, pids: list[int]
) -> tuple[float, float]:
    """(images a CPU-second, wall milliseconds an image)."""
    cpu, wall = _cpu_s(pids), time.perf_counter()
    for _ in range(images):
        await work()
    return images / (_cpu_s(pids) - cpu), (time.perf_counter() - wall) * 1000 / images


async def measure(images: int, rounds: int) -> dict[str, Any]:
    data = make_photo()
    with tempfile.NamedTemporaryFile(suffix=".jpg") as file:
        file.write(data)
        file.flush()
        path = Path(file.name)

        async def run_bare() -> object:
            return bare(data)

        async with ImageSandbox(Media(), children=1) as sandbox:

            async def run_pipeline() -> object:
                return await sandbox.process(path, "image/jpeg")

            await run_bare()
            done = await sandbox.process(path, "image/jpeg")
            ours, theirs, walls = [], [], []
            for _ in range(rounds):
                rate, _wall = await _rate(run_bare, images, [])
                theirs.append(rate)
                rate, wall = await _rate(run_pipeline, images, sandbox.pids)
                ours.append(rate)
                walls.append(wall)
    ratio = statistics.median(a / b for a, b in zip(ours, theirs, strict=True))
    return {
        "name": "photo pipeline",
        "unit": "images per CPU-second",
        "input": {"width": _SIZE[0], "height": _SIZE[1], "bytes": len(data)},
        "output": [[v.width, v.height, v.format, len(v.data)] for v in done.variants],
        "pipeline": round(statistics.median(ours), 2),
        "bare": round(statistics.median(theirs), 2),
        "wall_ms_per_image": round(statistics.median(walls), 1),
        "ratio": round(ratio, 3),
        "goal": GOAL,
        "met": ratio >= GOAL,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--images", type=int, default=8, help="in each round")
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    result = asyncio.run(measure(arguments.images, arguments.rounds))
    if arguments.json:
        print(json.dumps(result))
        return
    print(f"12 MP JPEG to {len(result['output'])} variants, images a CPU-second")
    print(f"  pipeline      {result['pipeline']:6.2f}   ({result['wall_ms_per_image']} ms each)")
    print(f"  bare library  {result['bare']:6.2f}")
    print(
        f"  ratio         {result['ratio']:6.3f}   goal {GOAL}   {'met' if result['met'] else 'MISSED'}"
    )


if __name__ == "__main__":
    main()

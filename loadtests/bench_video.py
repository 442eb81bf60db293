"""Wall time of a video's way through the pipeline beside plain ffmpeg making the same file.

    python -m loadtests.bench_video [--json] [--seconds 20] [--rounds 3]

Both turn the same 1080p video (a moving picture with noise, and sound) into the same H.264 and
AAC with the same options and threads. Ours also checks the source, confines ffmpeg, reports
progress, surveys what was made and takes the poster's picture; all of it is in the price. The
two take turns on the same machine, and the median of each round's ratio counts.
"""

import argparse
import asyncio
import json
import statistics
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

from app.media import ffmpeg, video
from app.settings import Media

GOAL = 1.15
_RATE = 30


def make_source(program: str, path: Path, seconds: int) -> None:
    pictures = f"testsrc2=size=1920x1080:rate={_RATE}:duration={seconds},noise=alls=8:allf=t"
    command = [
        *(program, "-v", "error", "-y", "-f", "lavfi", "-i", pictures),
        *("-f", "lavfi", "-i", f"sine=frequency=440:duration={seconds}"),
        *("-c:v", "libx264", "-preset", "ultrafast", "-crf", "26", "-pix_fmt", "yuv420p"),
        *("-c:a", "aac", str(path)),
    ]
    subprocess.run(command, check=True)


def plain(program: str, source: Path, sink: Path) -> float:
    """Seconds that ffmpeg alone takes."""
    began = time.perf_counter()
    command = [
        *(program, "-v", "error", "-nostdin", "-y", "-threads", str(ffmpeg.THREADS)),
        *("-i", str(source), *video.filters(_RATE), *video.ENCODING, str(sink)),
    ]
    subprocess.run(command, check=True)
    return time.perf_counter() - began


async def pipeline(settings: Media, source: Path, sink: Path) -> float:
    """Seconds that the pipeline takes."""

    async def told(share: float) -> None:
        pass

    began = time.perf_counter()
    with source.open("rb") as original, sink.open("w+b") as made:
        await video.transcode(settings, original, "video/mp4", made, told)
    return time.perf_counter() - began


def measure(seconds: int, rounds: int) -> dict[str, Any]:
    settings = Media()
    program = ffmpeg.program(settings)
    ours, theirs = list[float](), list[float]()
    with tempfile.TemporaryDirectory() as folder:
        source, one, other = (Path(folder, name) for name in ("source.mp4", "one.mp4", "two.mp4"))
        make_source(program, source, seconds)
        for _ in range(rounds):
            theirs.append(plain(program, source, one))
            ours.append(asyncio.run(pipeline(settings, source, other)))
        sizes = one.stat().st_size, other.stat().st_size
    ratio = statistics.median(a / b for a, b in zip(ours, theirs, strict=True))
    return {
        "name": "video pipeline",
        "unit": "wall seconds",
        "input": {"seconds": seconds, "width": 1920, "height": 1080, "rate": _RATE},
        # Not to the byte the same, as two runs of plain ffmpeg are not: threads share the rate.
        "output_bytes": {"plain": sizes[0], "pipeline": sizes[1]},
        "pipeline": round(statistics.median(ours), 2),
        "plain": round(statistics.median(theirs), 2),
        "ratio": round(ratio, 3),
        "goal": GOAL,
        "met": ratio <= GOAL,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--seconds", type=int, default=20, help="of video")
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    result = measure(arguments.seconds, arguments.rounds)
    if arguments.json:
        print(json.dumps(result))
        return
    print(f"{arguments.seconds} s of 1080p to H.264 and AAC, wall seconds")
    print(f"  pipeline      {result['pipeline']:6.2f}")
    print(f"  plain ffmpeg  {result['plain']:6.2f}")
    print(
        f"  ratio         {result['ratio']:6.3f}   goal {GOAL}   {'met' if result['met'] else 'MISSED'}"
    )


if __name__ == "__main__":
    main()

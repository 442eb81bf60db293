"""Why an upload is refused after it was looked at: one machine code each, and a sentence."""

from typing import Literal

Code = Literal[
    "unsupported_type",  # nothing we decode: SVG, PDF, text, random bytes
    "type_mismatch",  # the bytes are another type than the upload declared
    "truncated",  # empty, or it ends before the picture does
    "too_large",  # more bytes than allowed
    "too_many_pixels",  # the header announces more than we decode
    "too_many_frames",  # an animation longer than allowed, a video faster
    "too_long",  # a video
    "unsupported_codec",  # a container we take, with something else in it
    "decode_failed",  # damaged, or it crashed the decoder
    "time_limit",  # processing took too long
    "memory_limit",  # processing needed too much memory
]


class MediaRejected(Exception):
    """What was uploaded cannot become a photo or video. `message` is fit for the uploader's screen."""

    def __init__(self, code: Code, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code: Code = code
        self.message = message

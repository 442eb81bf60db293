"""permessage-deflate as this gateway offers it: nothing is kept between messages, either way.

So an idle socket that compresses costs what a plain one does, a message is compressed once for
all who get it (`frames.py`), and what a client sends is unpacked no further than the bound on
frames.
"""

from collections.abc import Sequence

from websockets.exceptions import NegotiationError
from websockets.extensions import Extension
from websockets.extensions.permessage_deflate import (
    PerMessageDeflate,
    ServerPerMessageDeflateFactory,
)
from websockets.typing import ExtensionParameter

from realtime.frames import WINDOW_BITS

_CLIENT_WINDOW_BITS = 12


class Deflate(ServerPerMessageDeflateFactory):
    """An offer that asks for a smaller window than the shared bytes have is not taken up."""

    def __init__(self) -> None:
        super().__init__(
            server_no_context_takeover=True,
            client_no_context_takeover=True,
            client_max_window_bits=_CLIENT_WINDOW_BITS,
        )

    def process_request_params(
        self,
        params: Sequence[ExtensionParameter],
        accepted_extensions: Sequence[Extension],
    ) -> tuple[list[ExtensionParameter], PerMessageDeflate]:
        answer, extension = super().process_request_params(params, accepted_extensions)
        if extension.local_max_window_bits < WINDOW_BITS:
            raise NegotiationError("the window is smaller than that of the shared frames")
        return answer, extension

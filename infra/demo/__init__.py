"""The demo: people, photos and talk for a running Glimpse, and a real graph in bulk.

`python -m infra.demo` joins the stack whose GLIMPSE_* variables it is given; `glimpse demo`
runs it. What is done once is not done again.
"""

from infra.demo.cast import LOGINS

__all__ = ["LOGINS"]

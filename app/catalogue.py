"""All operations, feature by feature: what both edges serve."""

from app.identity import operations as identity
from app.operation import Operation

OPERATIONS: list[Operation] = [
    *identity.OPERATIONS,
]

BY_NAME: dict[str, Operation] = {op.name: op for op in OPERATIONS if op.name}
"""Socket methods."""

assert len(BY_NAME) == sum(1 for op in OPERATIONS if op.name), "two operations share a name"

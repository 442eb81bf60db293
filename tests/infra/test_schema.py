"""The schema files: the same text each time, and a stale one is noticed."""

from pathlib import Path

from infra.commands.schema import documents, rendered, stale


def test_a_missing_and_a_changed_file_are_stale(tmp_path: Path) -> None:
    assert stale(tmp_path) == ["openapi.json", "protocol.json"]
    for name, document in documents().items():
        (tmp_path / name).write_text(rendered(document), encoding="utf-8")
    assert stale(tmp_path) == []
    (tmp_path / "openapi.json").write_text("{}")
    assert stale(tmp_path) == ["openapi.json"]


def test_every_operation_and_message_is_in() -> None:
    found = documents()
    assert "/posts/{post_id}/like" in found["openapi.json"]["paths"]
    names = {reference["$ref"].rpartition("/")[2] for reference in found["protocol.json"]["server"]}
    assert names <= set(found["protocol.json"]["components"])
    assert "post.new" in found["protocol.json"]["events"]

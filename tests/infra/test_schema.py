"""The schema files: the same text each time, and a stale one is noticed."""

from pathlib import Path

from infra.commands.schema import documents, stale, texts


def test_a_missing_and_a_changed_file_are_stale(tmp_path: Path) -> None:
    found = texts()
    assert stale(tmp_path) == list(found)
    for path, text in found.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    assert stale(tmp_path) == []
    for path in found:
        (tmp_path / path).write_text("{}")
        assert stale(tmp_path) == [path]
        (tmp_path / path).write_text(found[path], encoding="utf-8")


def test_every_operation_and_message_is_in() -> None:
    found = documents()
    assert "/posts/{post_id}/like" in found["openapi.json"]["paths"]
    names = {reference["$ref"].rpartition("/")[2] for reference in found["protocol.json"]["server"]}
    assert names <= set(found["protocol.json"]["components"])
    assert "post.new" in found["protocol.json"]["events"]

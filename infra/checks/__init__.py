"""Rules of this repository that no off-the-shelf linter keeps: `python -m infra.checks`."""

"""The reading of Dockerfiles, and ours: what is refused, so that a replay leaves nothing out."""

from pathlib import Path

import pytest

from tests.image.dockerfile import (
    DockerfileError,
    Ignored,
    Instruction,
    environment_of,
    expand,
    read_dockerfile,
)

CHECKOUT = Path(__file__).resolve().parents[2]


def test_ours_is_understood() -> None:
    """Two stages: what installs, and what runs as somebody else by a command that is an array."""
    build, final = read_dockerfile((CHECKOUT / "Dockerfile").read_text())
    assert (build.base, build.name) == (final.base, "build")
    names = [one.name for one in final.instructions]
    assert names.index("USER") > max(n for n, name in enumerate(names) if name in ("COPY", "RUN"))
    assert final.instructions[-1].words() == ["seedbed", "serve"]
    copied = [one.flags() for one in final.instructions if one.name == "COPY"]
    assert ({"from": "build"}, ["/srv/venv", "/srv/venv"]) in copied


def test_every_copied_path_gets_into_the_context() -> None:
    """.dockerignore lets in what COPY names, and no byte code or anything that is not named."""
    ignored = Ignored((CHECKOUT / ".dockerignore").read_text())
    for stage in read_dockerfile((CHECKOUT / "Dockerfile").read_text()):
        for one in stage.instructions:
            flags, words = one.flags() if one.name == "COPY" else ({"from": ""}, [])
            for source in words[:-1] if not flags else []:
                path = CHECKOUT / source
                found = [path] if path.is_file() else path.rglob("*")
                files = [file for file in found if file.is_file() and "__pycache__" not in file.parts]
                assert files, source
                assert not any(ignored(str(file.relative_to(CHECKOUT))) for file in files)
    for kept_out in ("app/__pycache__/main.cpython-311.pyc", ".env", ".git/config", "tests/conftest.py", "README.md"):
        assert ignored(kept_out)


def test_lines_are_continued_past_comments() -> None:
    """As engines do; and an instruction is told by the line it begins on."""
    (stage,) = read_dockerfile("# syntax\nFROM a AS b\n\nRUN one \\\n  # why\n  && two\nCMD x\n")
    assert stage.instructions == [Instruction("RUN", "one    && two", 4), Instruction("CMD", "x", 7)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("FROM a\nADD x y\n", "line 2: ADD"),
        ("FROM a\nHEALTHCHECK CMD x\n", "line 2: HEALTHCHECK"),
        ("RUN x\n", "before the first FROM"),
        ("FROM --platform=linux/amd64 a\n", "is not understood"),
        ("FROM a\nRUN x \\\n", "in the middle"),
        ("", "no FROM"),
    ],
)
def test_what_is_not_known_is_refused(text: str, words: str) -> None:
    """By its line: an engine would have carried it out."""
    with pytest.raises(DockerfileError, match=words):
        read_dockerfile(text)


def test_a_command_that_is_no_array_is_refused() -> None:
    """Half an array would be run by a shell, to everybody's surprise."""
    with pytest.raises(DockerfileError, match="not a JSON array"):
        Instruction("CMD", "['seedbed']", 3).words()


def test_variables_are_those_of_before() -> None:
    """PATH is put before the base image's; what is not set is empty."""
    one = Instruction("ENV", 'PATH="/srv/bin:$PATH" A=${B}x', 1)
    assert environment_of(one, {"PATH": "/bin"}) == {"PATH": "/srv/bin:/bin", "A": "x"}
    assert expand("$A/$B", {"A": "1"}) == "1/"
    with pytest.raises(DockerfileError, match="NAME=VALUE"):
        environment_of(Instruction("ENV", "PATH /bin", 1), {})


def test_the_last_rule_that_matches_decides() -> None:
    """And a rule for a folder is one for all that is in it."""
    ignored = Ignored("**\n!app\n**/__pycache__\napp/secret*\n!app/secret/public.txt\n")
    assert ignored("README.md")
    assert not ignored("app/web/edge.py")
    assert ignored("app/web/__pycache__/edge.pyc")
    assert ignored("app/secret/private.txt")
    assert not ignored("app/secret/public.txt")

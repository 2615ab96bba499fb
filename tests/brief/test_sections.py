"""A target in sections: disjoint, complete, about as large as one worker reads well, and steady."""

import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestra.brief.sections import SECTION_BYTES, SECTION_FILES, Section, sections
from orchestra.brief.target_file import Lines, Part, TargetFile

NAMES = st.text(alphabet="abcdefxyz._-", min_size=1, max_size=4)
PATHS = st.lists(st.lists(NAMES, min_size=1, max_size=4).map("/".join), max_size=150, unique=True)


def file(path: str, size: int = 100, parts: tuple[Part, ...] = ()) -> TargetFile:
    return TargetFile(path=path, digest="0", lines=10, size=size, parts=parts)


def paths_of(found: list[Section]) -> list[tuple[str, ...]]:
    return [tuple(file.path for file in section.files) for section in found]


def package(count: int, seed: int = 1) -> list[str]:
    """The files of a package as people make them: folders of very different size, inside each other."""
    chance, paths, folders = random.Random(seed), set[str](), ["src/"]
    while len(paths) < count:
        if chance.random() < 0.1:
            folders.append(f"{chance.choice(folders)}part{chance.randrange(999)}/")
        paths.add(f"{chance.choice(folders)}module{chance.randrange(99999)}.py")
    return sorted(paths)


@given(PATHS, st.randoms(use_true_random=False))
def test_every_file_is_in_exactly_one_section_however_they_come(paths: list[str], chance: random.Random) -> None:
    files = [file(path, chance.choice([10, 10_000, SECTION_BYTES + 1])) for path in paths]
    found = list(sections(files))
    assert Counter(path for one in paths_of(found) for path in one) == Counter(paths)
    chance.shuffle(files)
    assert list(sections(files)) == found


@given(PATHS.filter(bool), st.data())
def test_a_file_that_grows_moves_no_border_and_no_neighbour(paths: list[str], data: st.DataObject) -> None:
    grown = data.draw(st.sampled_from(paths))
    before = paths_of(list(sections([file(path, 3_000) for path in paths])))
    size = data.draw(st.integers(1, SECTION_BYTES))
    after = paths_of(list(sections([file(path, size if path == grown else 3_000) for path in paths])))
    assert {one for one in before if grown not in one} <= set(after)
    own = next(one for one in before if grown in one)
    assert sorted(path for one in after if set(one) & set(own) for path in one) == sorted(own)


@given(PATHS.filter(lambda paths: len(paths) > 1), st.data())
def test_a_file_too_long_for_any_section_leaves_as_if_it_had_been_removed(
    paths: list[str], data: st.DataObject
) -> None:
    grown = data.draw(st.sampled_from(paths))
    parts = (Part(name="", lines=Lines(first=1, last=10), size=SECTION_BYTES + 1),)
    rest = [file(path) for path in paths if path != grown]
    with_it = paths_of(list(sections([*rest, file(grown, SECTION_BYTES + 1, parts)])))
    assert sorted(with_it) == sorted([*paths_of(list(sections(rest))), (grown,)])


@pytest.mark.parametrize("count", [41, 60, 70, 80, 100, 200, 500, 2000])
def test_sections_are_near_their_limit(count: int) -> None:
    made = [len(list(sections([file(path) for path in package(count, seed)]))) for seed in range(10)]
    assert all(count / SECTION_FILES <= number for number in made)
    assert sum(made) / len(made) <= 1.6 * count / SECTION_FILES + 1


@pytest.mark.parametrize("count", [60, 100, 300, 1000])
def test_one_file_more_moves_little(count: int) -> None:
    moved, changed, tried = 0, 0, 40
    for seed in range(tried):
        paths = package(count, seed)
        before = paths_of(list(sections([file(path) for path in paths])))
        new = f"{random.Random(seed).choice(paths).rpartition('/')[0]}/new.py"
        after = paths_of(list(sections([file(path) for path in sorted([*paths, new])])))
        home = {path: one for one in after for path in one}
        for one in before:
            homes = Counter(home[path] for path in one)
            moved += len(one) - max(homes.values())
        changed += len({tuple(path for path in one) for one in before} - set(after))
    assert changed / tried <= 1.5, "sections that are no longer what they were; one must change, the one it is in"
    assert moved / tried <= count * 0.04, "files that are in another section than most of their former neighbours"


STORIES = [
    ("one file is called by its path", ["src/a.py"], ["src/a.py"]),
    ("a small target by the folder it shares", ["src/x/a.py", "src/x/b.py"], ["src/x"]),
    ("with nothing shared, by the root", ["README.md", "src/a.py"], ["."]),
    (
        "two large folders are two sections",
        [f"{folder}/m{n:02}.py" for folder in ("api", "web") for n in range(30)],
        ["api", "web"],
    ),
    (
        "a folder too large is named by what begins and ends each piece",
        [f"src/m{n:02}.py" for n in range(60)],
        None,
    ),
]


@pytest.mark.parametrize(("story", "paths", "names"), STORIES, ids=[story[0] for story in STORIES])
def test_names(story: str, paths: list[str], names: list[str] | None) -> None:
    found = [section.name for section in sections([file(path) for path in paths])]
    if names is not None:
        assert found == names
    assert len(set(found)) == len(found)
    assert all(name.startswith("src: m") and " … " in name for name in found) or names is not None


def test_a_long_document_is_sections_of_its_own_among_others() -> None:
    parts = tuple(
        Part(name=name, lines=Lines(first=first, last=last), size=9)
        for name, first, last in [("Begin", 1, 5), ("End", 6, 10)]
    )
    found = list(sections([file("a.py"), file("guide.md", SECTION_BYTES + 1, parts), file("z.py")]))
    assert [(one.name, one.lines and str(one.lines)) for one in found] == [
        (".", None),
        ("guide.md: Begin", "1-5"),
        ("guide.md: End", "6-10"),
    ]

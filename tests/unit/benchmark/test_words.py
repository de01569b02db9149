"""How pairs of syllables are read by a segmentation, and what a search would find."""

from tests.benchmark.words import count, occurrences


def test_pairs_are_words_parts_or_cut() -> None:
    """A pair is a word, stands inside a longer one, or is cut by the segmentation."""
    assert list(occurrences("Bộ_Chính_trị bàn chính_trị, hành_chính trị_giá")) == [
        ("bộ chính", "inside"),
        ("chính trị", "inside"),
        ("trị bàn", "cut"),
        ("bàn chính", "cut"),
        ("chính trị", "word"),
        ("trị hành", "cut"),
        ("hành chính", "word"),
        ("chính trị", "cut"),
        ("trị giá", "word"),
    ]


def test_articles_are_counted_as_a_search_would_find_them() -> None:
    """Both syllables anywhere, side by side, truly meant, and as a word of their own."""
    told = count(["hành_chính trị_giá", "bộ_chính_trị", "chính_trị", "trị bệnh chính"])["chính trị"]
    assert told["articles, any order"] == 4
    assert told["articles, phrase"] == 3
    assert told["articles, truly"] == 2
    assert told["articles, word"] == 1

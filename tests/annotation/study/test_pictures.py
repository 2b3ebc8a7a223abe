from bappsmith.annotation.study.pictures import PictureCache


def test_the_cache_forgets_the_oldest_first():
    cache = PictureCache(limit=100)
    for name in "abc":
        cache.put(name, {"ref": b"x" * 20, "left": b"y" * 20})
    assert cache.get("a") is None
    assert cache.get("b") == {"ref": b"x" * 20, "left": b"y" * 20}
    cache.put("d", {"ref": b"z" * 40})
    assert cache.get("c") is None
    assert cache.get("b") is not None
    cache.put("d", {"ref": b"z" * 40})
    cache.put("e", {"ref": b"z" * 200})
    assert [cache.get(name) for name in "abcde"] == [None] * 5


def test_pictures_are_made_once(study, source, begin, monkeypatch):
    session, tab = begin(study, "anna")
    showing = study.next_showings(session, tab, 1)[0]
    first = study.pictures(session, showing.id)
    monkeypatch.setattr(source, "pictures", None)
    assert study.pictures(session, showing.id) is first

"""Tasks that fail are tried again, and named in one line at the end."""

from __future__ import annotations

from pathlib import Path

import pytest
from distributed import Client
from distributed.comm import CommClosedError

from bappsmith.manifests.errors import BappsmithError
from bappsmith.pipeline.workers.clusters import local_client
from bappsmith.pipeline.workers.map_unordered import TRIES, map_unordered

from .clusters import running


def test_what_fails_is_tried_again_and_named_in_the_end(tmp_path: Path):
    # Inside, for workers do not know this module.
    class Stumbled(OSError):
        """An exception that only the worker can define."""

    def stumble(needed: int) -> int:
        tried = len(list(tmp_path.glob(f"{needed}-*")))
        (tmp_path / f"{needed}-{tried}").touch()
        if tried + 1 < needed:
            raise Stumbled("the network\n  stumbled")
        return needed

    def refuse(task: int) -> None:
        raise BappsmithError("nothing to be done")

    with local_client(1) as client:
        results: list[int] = []
        words = r"1 of 3 tasks failed: 9, Stumbled: the network stumbled\. All others are"
        with pytest.raises(BappsmithError, match=words) as caught:
            results.extend(map_unordered(client, stumble, [1, TRIES, 9]))
        assert "\n" not in str(caught.value)
        assert sorted(results) == [1, TRIES]
        with pytest.raises(BappsmithError, match="nothing to be done"):
            list(map_unordered(client, refuse, [1]))


@pytest.mark.parametrize("method", ["nthreads", "map"])
def test_a_scheduler_that_is_lost_between_two_results_is_one_line(monkeypatch: pytest.MonkeyPatch, method: str):
    def lost(*_: object, **__: object) -> None:
        raise CommClosedError("in <TCP (closed)>: Connection reset by peer")

    with running() as cluster, Client(cluster) as client:
        monkeypatch.setattr(client, method, lost)
        with pytest.raises(BappsmithError, match="the Dask scheduler was lost; what is finished is kept"):
            list(map_unordered(client, abs, [1, 2]))

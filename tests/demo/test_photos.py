"""Pictures of the demo: drawn, kept whole, shown by some matters that one can see."""

import hashlib
import io

import numpy as np
import pytest
from PIL import Image

from lianhu.demo.build import Built
from lianhu.demo.divisions import PILOT
from lianhu.demo.photos import DRAWN, OF_A_KIND, SIZE, draw
from lianhu.matters.kinds import all_kinds
from lianhu.matters.models import Attachment
from lianhu.media.models import Photo
from lianhu.media.queries import photo_path


@pytest.mark.parametrize("kind", DRAWN)
def test_draw_gives_a_small_picture_that_is_the_same_for_a_seed(kind: str) -> None:
    first, again = (draw(kind, np.random.default_rng(7)) for _ in range(2))
    assert first == again != draw(kind, np.random.default_rng(8))
    assert Image.open(io.BytesIO(first)).size == SIZE
    assert len(first) < 60_000


def test_every_picture_is_of_a_kind_that_everybody_may_see() -> None:
    assert {all_kinds()[kind].visibility for kind in DRAWN} == {"ordinary"}


def test_some_matters_of_the_county_show_one(built: Built) -> None:
    shown = list(Attachment.objects.select_related("matter", "step"))
    assert 0 < len(shown) < built.matters / 4
    assert any(a.matter.place_id.startswith(PILOT) for a in shown)
    for row in shown:
        assert row.matter.category in DRAWN
        assert (row.matter.row_class, row.step.number) == ("ordinary", 1)
        assert row.step.matter_id == row.matter_id
    kept = {p.sha256 for p in Photo.objects.all()}
    assert len(kept) == OF_A_KIND * len(DRAWN)
    assert {a.sha256 for a in shown} <= kept
    assert all(photo_path(sha256).is_file() for sha256 in kept)
    assert all(len(sha256) == len(hashlib.sha256().hexdigest()) for sha256 in kept)

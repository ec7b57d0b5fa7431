"""A sketch fits what it draws, names what has room, and says that it is no map."""

from lianhu.desk.sketch import HEIGHT, WIDTH, Spot, sketch


def test_sketch_without_points_draws_nothing():
    assert sketch([Spot(None, None, "1", "一组")]) is None
    assert sketch([]) is None


def test_sketch_fits_north_up_and_names_what_has_room():
    picture = sketch([
        Spot(108.50, 32.90, "a", "北边", 9),
        Spot(108.51, 32.80, "b", "南边", 1),
        Spot(108.51, 32.80, "c", "重叠", 0),
    ])  # fmt: skip
    dots = {dot.code: dot for dot in picture.dots}
    assert dots["a"].y < dots["b"].y
    assert dots["a"].r > dots["b"].r > dots["c"].r
    assert all(0 <= d.x <= WIDTH and 0 <= d.y <= HEIGHT for d in picture.dots)
    assert [d.label is not None for d in picture.dots] == [True, True, False]


def test_sketch_of_a_county_has_its_outline_and_says_what_it_is():
    picture = sketch([Spot(108.5, 32.9, "610921104", "双乳镇")], county="610921")
    assert picture.outline.startswith("M")
    assert picture.label == "示意图，非真实位置"

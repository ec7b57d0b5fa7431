"""A step is done once for the same inputs, and again when something it made or read changed."""

import pytest

from tools import work


@pytest.fixture
def stamps(tmp_path, monkeypatch):
    monkeypatch.setattr(work, "STAMPS", tmp_path / "stamps")
    return tmp_path


def test_step_is_done_once(stamps):
    done = []
    for _ in range(2):
        work.step("some", "Some work", "inputs", None, lambda: done.append(1))
    assert done == [1]


def test_step_is_done_again_when_inputs_change(stamps):
    done = []
    for inputs in ("first", "second"):
        work.step("some", "Some work", inputs, None, lambda inputs=inputs: done.append(inputs))
    assert done == ["first", "second"]


def test_step_is_done_again_when_its_product_is_gone(stamps):
    product = stamps / "product"
    for _ in range(2):
        assert work.step("some", "Some work", "inputs", product, product.mkdir)
        product.rmdir()


def test_step_that_was_interrupted_is_done_again(stamps):
    def broken():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        work.step("some", "Some work", "inputs", None, broken)
    assert work.step("some", "Some work", "inputs", None, lambda: None)


def test_fingerprint_follows_content_and_not_time(tmp_path, monkeypatch):
    monkeypatch.setattr(work, "ROOT", tmp_path)
    file = tmp_path / "folder" / "file"
    file.parent.mkdir()
    file.write_text("one")
    first = work.fingerprint("text", file.parent)
    file.write_text("one")
    assert work.fingerprint("text", file.parent) == first
    file.write_text("two")
    assert work.fingerprint("text", file.parent) != first

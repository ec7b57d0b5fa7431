"""What was freed is given back; large pieces of work are not held up."""

import contextlib
import ctypes
import gc

import pytest

from lianhu.kernel import memory


def _resident() -> int:
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096


@pytest.mark.skipif(memory._malloc_trim is None, reason="a C library without malloc_trim")
def test_give_back_hands_freed_pieces_to_the_system():
    libc = ctypes.CDLL(None)
    libc.malloc.restype, libc.free.argtypes = ctypes.c_void_p, [ctypes.c_void_p]
    # Pieces as small as cells; the last one keeps the rest from being given back by itself.
    pieces = [libc.malloc(1000) for _ in range(60_000)]
    for piece in pieces:
        ctypes.memset(piece, 1, 1000)
    for piece in pieces[:-1]:
        libc.free(piece)
    held = _resident()
    memory.give_back()
    assert held - _resident() > 30e6
    libc.free(pieces[-1])


def test_give_back_does_nothing_where_the_library_cannot(monkeypatch):
    monkeypatch.setattr(memory, "_malloc_trim", None)
    memory.give_back()


def test_circles_are_looked_for_seldom_until_the_last_large_piece_of_work_is_over():
    usual = gc.get_threshold()
    with memory.large_work():
        with contextlib.suppress(KeyError), memory.large_work():
            raise KeyError
        assert gc.get_threshold() == (memory.SELDOM, *usual[1:])
    assert gc.get_threshold() == usual

"""Cases of the parity suite, one file per family of ops: each names a raw op, its inputs and its attributes.

A case is data. `case("Pad", input=F(2, 3), paddings=const([[1, 0], [0, 2]]))` runs tf.raw_ops.Pad with a fed float tensor and a
constant; what is neither is an attribute. Feeds are drawn from a fixed seed. Options begin with an underscore:

  _opsets=(18, 28)      opsets at which it must convert; at other opsets of the suite it must be refused
  _outputs=N            only the first N outputs
  _refused="text"       converting must be refused, with this text in the message
  _dynamic_opsets=...   the same with unknown dims, where it differs
  _dynamic="text"       with unknown dims it is refused, with this text; by default it must convert
  _rtol, _atol          other tolerances
  _no_value=True        shape and dtype only (random ops)
"""
import dataclasses

import numpy as np

ALL = []


@dataclasses.dataclass
class Feed:
    value: np.ndarray


@dataclasses.dataclass
class Const:
    value: np.ndarray


@dataclasses.dataclass
class Case:
    op: str
    args: dict
    options: dict
    number: int

    @property
    def id(self):
        return f"{self.op}-{self.number}"



def _rng(*key):
    return np.random.default_rng(key)


def F(*dims, dtype="float32", low=-2.0, high=2.0):
    """Floats from [low, high)."""
    return Feed(np.asarray(_rng(1, *dims).uniform(low, high, dims)).astype(dtype))


def I(*dims, dtype="int32", low=-5, high=6):  # noqa: E743
    """Integers from [low, high)."""
    return Feed(np.asarray(_rng(2, *dims).integers(low, high, dims)).astype(dtype))


def B(*dims):
    """Bools."""
    return Feed(np.asarray(_rng(3, *dims).integers(0, 2, dims)).astype(bool))


def C(*dims, dtype="complex64", low=-2.0, high=2.0):
    """Complex numbers with parts from [low, high)."""
    parts = np.asarray(_rng(4, *dims).uniform(low, high, (*dims, 2)))
    return Feed((parts[..., 0] + 1j * parts[..., 1]).astype(dtype))


def feed(value, dtype=None):
    """A fed tensor of these values."""
    return Feed(np.asarray(value, dtype))


def const(value, dtype=None):
    """A constant of the graph; ints are int32, floats float32 unless said otherwise."""
    array = np.asarray(value, dtype)
    if dtype is None and array.dtype == np.int64:
        array = array.astype(np.int32)
    if dtype is None and array.dtype == np.float64:
        array = array.astype(np.float32)
    return Const(array)


def case(op, **args):
    options = {name[1:]: args.pop(name) for name in list(args) if name.startswith("_")}
    number = sum(1 for other in ALL if other.op == op) + 1
    ALL.append(Case(op, args, options, number))

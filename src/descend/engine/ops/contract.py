"""Products of tensors that sum over shared axes: all of them come down to one batched matrix product."""

from __future__ import annotations

import math
from collections.abc import Sequence
from string import ascii_letters
from typing import Any

from descend.engine.errors import ShapeError
from descend.engine.ops.diagonals import diagonal
from descend.engine.ops.linalg import matmul
from descend.engine.ops.movement import permute, reshape
from descend.engine.ops.reduce import axis_number, sum
from descend.engine.primitive import promote
from descend.engine.tensor import Tensor

Labelled = tuple[Tensor, str]  # a tensor and one letter an axis


def einsum(equation: str, *operands: Any) -> Tensor:
    """The sum of products that an equation names, by Einstein's convention: "nij,njk->nik" is a batched product.

    Each letter is an axis. Letters that the result does not name are summed over; a letter that one operand has twice
    is its diagonal; "..." stands for axes that broadcast. Without "->" the result has, in alphabetical order, the
    letters that occur once. Computed from left to right, two operands at a time, each as a batched matrix product.

    Raises: ShapeError for an equation that does not fit the operands.
    """
    tensors = promote(operands) if operands else ()
    terms, result = _parsed(equation, tensors)
    lengths = _lengths(equation, terms, tensors)
    labelled = [_unrepeated(x, term) for x, term in zip(tensors, terms, strict=True)]
    x, letters = labelled[0]
    for place, other in enumerate(labelled[1:], 1):
        later = set(result).union(*(term for _, term in labelled[place + 1 :]))
        x, letters = _pair((x, letters), other, later, lengths)
    x, letters = _summed((x, letters), set(result))
    return permute(x, [letters.index(letter) for letter in result])


def _parsed(equation: str, tensors: Sequence[Tensor]) -> tuple[list[str], str]:
    """The letters of each operand and of the result; the axes behind an ellipsis get letters of their own."""
    given, arrow, result = equation.replace(" ", "").partition("->")
    terms = given.split(",")
    letters = (given + result).replace("...", "").replace(",", "")
    if not tensors or len(terms) != len(tensors) or set(letters) - set(ascii_letters):
        raise _unfit(equation, tensors, "one group of letters an operand, then -> and the result's letters")
    hidden = max(x.ndim - len(term.replace("...", "")) for x, term in zip(tensors, terms, strict=True))
    spare = "".join(letter for letter in ascii_letters if letter not in letters)[: max(hidden, 0)]
    full = [_spelt(term, x.ndim, spare) for x, term in zip(tensors, terms, strict=True)]
    if not arrow:
        once = sorted(letter for letter in set(letters) if letters.count(letter) == 1)
        result = ("..." if "..." in given else "") + "".join(once)
    result = result.replace("...", spare if "..." in given else "")
    known = set("".join(full))
    if any(len(term) != x.ndim for x, term in zip(tensors, full, strict=True)):
        raise _unfit(equation, tensors, "one letter an axis")
    if len(set(result)) != len(result) or set(result) - known:
        raise _unfit(equation, tensors, "a result whose letters occur once there and in some operand")
    return full, result


def _spelt(term: str, ndim: int, spare: str) -> str:
    n = ndim - len(term.replace("...", ""))
    return term.replace("...", spare[len(spare) - n :] if n > 0 else "")


def _lengths(equation: str, terms: list[str], tensors: Sequence[Tensor]) -> dict[str, int]:
    lengths: dict[str, int] = {}
    for x, term in zip(tensors, terms, strict=True):
        for letter, n in zip(term, x.shape, strict=True):
            known = lengths.get(letter, 1)
            if n != known and 1 not in (n, known):
                raise _unfit(equation, tensors, f"one length for {letter}, here {known} and {n}")
            lengths[letter] = n if known == 1 else known
    return lengths


def _unfit(equation: str, tensors: Sequence[Tensor], needed: str) -> ShapeError:
    return ShapeError(
        "this equation does not fit its operands",
        given=f"{equation!r} for {', '.join(str(x.shape) for x in tensors) or 'nothing'}", needed=needed,
        fix="a matrix product is einsum('ij,jk->ik', a, b)",
    )  # fmt: skip


def _unrepeated(x: Tensor, letters: str) -> Labelled:
    """A letter that comes twice becomes the diagonal of its two axes."""
    for letter in letters:
        while letters.count(letter) > 1:
            a = letters.index(letter)
            b = letters.index(letter, a + 1)
            x = diagonal(x, 0, a, b)
            letters = letters[:a] + letters[a + 1 : b] + letters[b + 1 :] + letter
    return x, letters


def _summed(operand: Labelled, kept: set[str]) -> Labelled:
    """The letters that nobody else has, summed over."""
    x, letters = operand
    gone = tuple(a for a, letter in enumerate(letters) if letter not in kept)
    return (sum(x, gone) if gone else x), "".join(letter for letter in letters if letter in kept)


def _stretched(operand: Labelled, lengths: dict[str, int]) -> Labelled:
    """Without the axes of length 1 that the other operand has longer: they broadcast."""
    x, letters = operand
    kept = [a for a, letter in enumerate(letters) if x.shape[a] == lengths[letter]]
    return reshape(x, [x.shape[a] for a in kept]), "".join(letters[a] for a in kept)


def _pair(a: Labelled, b: Labelled, later: set[str], lengths: dict[str, int]) -> Labelled:
    """The product of two operands, summed over the letters that come later nowhere."""
    a, b = _stretched(a, lengths), _stretched(b, lengths)
    a, b = _summed(a, later | set(b[1])), _summed(b, later | set(a[1]))
    both = [letter for letter in a[1] if letter in b[1]]
    batch, shared = [i for i in both if i in later], [i for i in both if i not in later]
    left, right = [i for i in a[1] if i not in both], [i for i in b[1] if i not in both]
    product = matmul(_as_matrices(a, batch, left, shared), _as_matrices(b, batch, shared, right))
    letters = [*batch, *left, *right]
    return reshape(product, [lengths[i] for i in letters]), "".join(letters)


def _as_matrices(operand: Labelled, batch: list[str], rows: list[str], columns: list[str]) -> Tensor:
    """The operand as one matrix for each element of the batch axes."""
    x, letters = operand
    x = permute(x, [letters.index(i) for i in (*batch, *rows, *columns)])
    n, m = len(batch), len(batch) + len(rows)
    return reshape(x, [math.prod(part) for part in (x.shape[:n], x.shape[n:m], x.shape[m:])])


def tensordot(a: Any, b: Any, axes: int | tuple[Sequence[int], Sequence[int]] = 2) -> Tensor:
    """The sum over pairs of axes: the last `axes` of a with the first of b, or the two sequences pair by pair.

    Shapes: the remaining axes of a, then those of b. Raises: ShapeError.
    """
    a, b = promote((a, b))
    pairs = (range(a.ndim - axes, a.ndim), range(axes)) if isinstance(axes, int) else axes
    gone_a, gone_b = ([axis_number(i, x.ndim) for i in chosen] for x, chosen in ((a, pairs[0]), (b, pairs[1])))
    if [a.shape[i] for i in gone_a] != [b.shape[i] for i in gone_b]:
        raise ShapeError(
            "the axes that are summed over differ", given=f"{a.shape} along {gone_a}, {b.shape} along {gone_b}",
            needed="equal lengths, pair by pair", fix="check the order of the axes",
        )  # fmt: skip
    kept_a = [i for i in range(a.ndim) if i not in gone_a]
    kept_b = [i for i in range(b.ndim) if i not in gone_b]
    n = math.prod(a.shape[i] for i in gone_a)
    rows, columns = ([x.shape[i] for i in kept] for x, kept in ((a, kept_a), (b, kept_b)))
    left = reshape(permute(a, [*kept_a, *gone_a]), (math.prod(rows), n))
    right = reshape(permute(b, [*gone_b, *kept_b]), (n, math.prod(columns)))
    return reshape(matmul(left, right), [*rows, *columns])


def dot(a: Any, b: Any) -> Tensor:
    """The sum of the products of two vectors. Raises: ShapeError unless they have one length."""
    a, b = promote((a, b))
    if a.ndim != 1 or a.shape != b.shape:
        raise ShapeError(
            "a dot product is of two vectors", given=f"{a.shape} and {b.shape}", needed="(n,) and (n,)",
            fix="use matmul for matrices, (a * b).sum() for anything else",
        )  # fmt: skip
    return matmul(a, b)


def outer(a: Any, b: Any) -> Tensor:
    """Every element of a vector times every element of another: (n,), (m,) to (n, m)."""
    rows, columns = promote((a, b))
    if rows.ndim != 1 or columns.ndim != 1:
        raise ShapeError(
            "an outer product is of two vectors", given=f"{rows.shape} and {columns.shape}", needed="(n,) and (m,)",
            fix="use a[:, None] * b, or flatten them first",
        )  # fmt: skip
    return rows[:, None] * columns


def kron(a: Any, b: Any) -> Tensor:
    """Kronecker's product: every element of a times the whole of b, laid out as one tensor."""
    a, b = promote((a, b))
    d = max(a.ndim, b.ndim)
    a, b = (reshape(x, (*(1,) * (d - x.ndim), *x.shape)) for x in (a, b))
    wide = reshape(a, [n for pair in zip(a.shape, (1,) * d, strict=True) for n in pair])
    tall = reshape(b, [n for pair in zip((1,) * d, b.shape, strict=True) for n in pair])
    return reshape(wide * tall, [n * m for n, m in zip(a.shape, b.shape, strict=True)])

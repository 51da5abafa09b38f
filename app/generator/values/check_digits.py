"""Numbers that check themselves: the digits by the arrays, the check digit by the standard's rule."""

import numpy as np

from app.generator.keys import Rows
from app.generator.values.strings import Bytes, digits

_ZERO = ord("0")


def ean13_digits(index: Rows, prefix: str, width: int) -> Bytes:
    """EAN-13 (and UPC, ISBN-13, ISMN-13): prefix, `width` digits of the index, the GS1 check digit."""
    body = _body(index, prefix, width)
    weights = np.where(np.arange(body.shape[1])[::-1] % 2 == 0, 3, 1)
    check = -(_values(body) @ weights) % 10
    return _with_check(body, check + _ZERO)


def issn_digits(index: Rows) -> Bytes:
    """ISSN: seven digits and a check digit modulo 11, X for ten."""
    body = digits(index, 7)
    check = -(_values(body) @ np.arange(8, 1, -1)) % 11
    return _with_check(body, np.where(check == 10, ord("X"), check + _ZERO))


def isbn10_digits(index: Rows) -> Bytes:
    """ISBN-10: nine digits and a check digit modulo 11, X for ten."""
    body = digits(index, 9)
    check = -(_values(body) @ np.arange(10, 1, -1)) % 11
    return _with_check(body, np.where(check == 10, ord("X"), check + _ZERO))


def luhn_digits(index: Rows, prefix: str, width: int) -> Bytes:
    """Prefix, `width` digits of the index, and the check digit of ISO/IEC 7812 (Luhn)."""
    body = _body(index, prefix, width)
    values = _values(body)
    doubled = values[:, ::-1].copy()
    doubled[:, ::2] *= 2
    check = -(doubled // 10 + doubled % 10).sum(axis=1) % 10
    return _with_check(body, check + _ZERO)


_VIN_VALUES = np.zeros(128, np.int64)
for _letters, _first in (("ABCDEFGH", 1), ("JKLMN", 1), ("P", 7), ("R", 9), ("STUVWXYZ", 2), ("0123456789", 0)):
    for _letter in _letters:
        _VIN_VALUES[ord(_letter)] = _first + ord(_letter) - ord(_letters[0])
_VIN_WEIGHTS = np.array([8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2])
_VIN_CHECK_PLACE = 8


def with_vin_check(text: Bytes) -> Bytes:
    """Vehicle numbers of 17 characters with the check digit of 49 CFR 565.15 in the ninth place, X for ten."""
    check = _VIN_VALUES[text] @ _VIN_WEIGHTS % 11
    checked = text.copy()
    checked[:, _VIN_CHECK_PLACE] = np.where(check == 10, ord("X"), check + _ZERO)
    return checked


def routing_digits(index: Rows, prefix: str, width: int) -> Bytes:
    """Routing numbers of the American Bankers Association: weights 3, 7, 1 in turn come to a multiple of ten."""
    body = _body(index, prefix, width)
    weights = np.resize([3, 7, 1], body.shape[1])
    return _with_check(body, -(_values(body) @ weights) % 10 + _ZERO)


def weighted_digits(index: Rows, prefix: str, width: int, sign: int) -> Bytes:
    """Prefix, `width` digits and a check digit modulo 11: of the Dutch test (sign 1) or of health numbers (sign -1).

    Weights fall to 2. Where they come to ten, which is no digit, the last of the free digits is another, so that
    numbers of different indices may be the same.
    """
    body = _body(index, prefix, width)
    weights = np.arange(body.shape[1] + 1, 1, -1)
    last = body[:, -1]
    other = np.where(last == ord("9"), last - 1, last + 1)
    body[:, -1] = np.where(sign * (_values(body) @ weights) % 11 == 10, other, last)
    return _with_check(body, sign * (_values(body) @ weights) % 11 + _ZERO)


def mod11_10_digits(index: Rows, prefix: str, width: int) -> Bytes:
    """Prefix, `width` digits and a check digit by ISO 7064, modulo 11 and 10: German tax numbers of persons."""
    body = _body(index, prefix, width)
    product = np.full(len(body), 10, np.int64)
    for place in range(body.shape[1]):
        total = (_values(body)[:, place] + product) % 10
        product = np.where(total == 0, 10, total) * 2 % 11
    return _with_check(body, (11 - product) % 10 + _ZERO)


def mod97_check(text_digits: np.ndarray) -> Rows:
    """98 minus the remainder modulo 97 of a number given as a matrix of decimal values (ISO 7064, IBAN)."""
    remainder = np.zeros(len(text_digits), np.int64)
    for place in range(text_digits.shape[1]):
        remainder = (remainder * 10 + text_digits[:, place]) % 97
    return 98 - remainder


def _body(index: Rows, prefix: str, width: int) -> Bytes:
    matrix = np.empty((len(index), len(prefix) + width), np.uint8)
    matrix[:, : len(prefix)] = np.frombuffer(prefix.encode("ascii"), np.uint8)
    matrix[:, len(prefix) :] = digits(index, width)
    return matrix


def _values(matrix: Bytes) -> Rows:
    return matrix.astype(np.int64) - _ZERO


def _with_check(body: Bytes, check: np.ndarray) -> Bytes:
    return np.concatenate([body, check.astype(np.uint8)[:, None]], axis=1)

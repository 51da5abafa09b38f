"""The WebAssembly instance that runs `lines.wasm`, and its memory.

Each thread has its own instance: a store may not be entered twice at a time. What a kernel does wrong ends in a trap
in a memory of its own, never in the process' memory.
"""

import atexit
import ctypes
import struct
import threading
import weakref
from collections.abc import Callable, Iterator
from functools import cache
from importlib.resources import files
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Bytes = npt.NDArray[np.uint8]

# Kernels copy in whole blocks, beyond the end of what they copy.
SLACK = 64
_PAGE = 65_536
_WORTH_ROWS = 3_000
_LARGEST_MEMORY = 1 << 30
# `request` of lines.c. Its rows are made in blocks that leave room for words in the processor's first cache.
_REQUEST = struct.Struct("<11I")
_MOST_BLOCK, _SCRATCH_BYTES = 64, 24 * 1024
# Lines leave in portions that fit its second cache.
_OUT_BYTES = 1024 * 1024
# Pools that are kept beyond a batch; when there are more, all are copied in again.
_MOST_KEPT_BYTES = 64 * 1024 * 1024
_MOST_KEPT = 4_096


# First row, the row behind the last, and their lines; None where the kernel cannot write them.
Portion: TypeAlias = tuple[int, int, bytes | None]


class Unavailable(Exception):
    """No kernel can be had, or none for what has to be written."""


class Full(Unavailable):
    """What has to be written does not fit the kernel's memory."""


class Machine:
    """An instance and an allocator of its memory: what is kept from batch to batch below, a batch's data above."""

    def __init__(self, code: "_Code") -> None:
        import wasmtime

        self._store = wasmtime.Store(code.engine)
        instance = wasmtime.Instance(self._store, code.module, [])
        exports: Any = instance.exports(self._store)
        self._memory = exports["memory"]
        self._write_lines = _quick(exports["write_lines"], self._store)
        self._base = _aligned(exports["heap_base"](self._store))
        self._kept_end = self._next = self._base
        self._kept: dict[Any, tuple[Any, Any]] = {}
        self._turn = 0
        self._bytes: Bytes
        self._map()

    def begin(self) -> None:
        """Forgets what was put into memory and not kept."""
        self._next = self._kept_end

    def trim(self) -> None:
        """Forgets all that was kept where it has become too much."""
        if self._kept_end - self._base > _MOST_KEPT_BYTES or len(self._kept) > _MOST_KEPT:
            self._kept.clear()
            self._kept_end = self._base
        self._next = self._kept_end
        self._turn += 1

    def kept(self, key: Any, owner: Any) -> Any:
        """What `keep` was told under that key for the same owner; None when there is nothing."""
        found = self._kept.get(key)
        return found[1] if found is not None and found[0] is owner else None

    def keep(self, key: Any, owner: Any, value: Any) -> None:
        """Keeps `value`, and all that was put into memory since `begin`, for as long as `owner` is asked about."""
        self._kept[key] = (owner, value)
        self._kept_end = self._next

    def reserve(self, size: int) -> int:
        """The address of `size` free bytes with slack behind. Raises Full."""
        address = self._next
        end = _aligned(address + size + SLACK)
        if end > len(self._bytes):
            if end > _LARGEST_MEMORY:
                raise Full
            self._memory.grow(self._store, -(-(end - len(self._bytes)) // _PAGE) + 64)
            self._map()
        self._next = end
        return address

    def put(self, data: npt.NDArray[Any] | pa.Buffer | bytes, dtype: type[Any] | None = None) -> int:
        """The address of a copy of `data`, converted to `dtype`."""
        array = data if isinstance(data, np.ndarray) else np.frombuffer(data, np.uint8)
        kind = array.dtype if dtype is None else np.dtype(dtype)
        size = array.size * kind.itemsize
        address = self.reserve(size)
        np.copyto(self._bytes[address : address + size].view(kind), array.reshape(-1), casting="unsafe")
        return address

    def write_lines(
        self, pieces: bytes, count: int, rows: int, delimiter: str, null: str, row_bytes: int
    ) -> Iterator[Portion]:
        """The lines of `count` packed pieces, each of at most `row_bytes`, in portions. Raises Full.

        What is in memory since `begin` has to stay there until the last portion; where it did not, the rest is None.
        """
        stride = _aligned(row_bytes + SLACK)
        block = max(1, min(_MOST_BLOCK, _SCRATCH_BYTES // stride))
        some = max(block, _OUT_BYTES // row_bytes // block * block)
        program, null_at, scratch = self.put(pieces), self.put(null.encode()), self.reserve(block * stride)
        out, request = self.reserve(min(some, rows) * row_bytes), self.reserve(_REQUEST.size)

        def portions() -> Iterator[Portion]:
            turn = self._turn
            for first in range(0, rows, some):
                if turn != self._turn:
                    yield first, rows, None
                    return
                stop = min(first + some, rows)
                _REQUEST.pack_into(
                    self._bytes.data, request, program, count, first, stop, ord(delimiter), null_at, len(null), scratch,
                    stride, block, out,
                )  # fmt: skip
                end = self._write_lines(request)
                yield first, stop, self._bytes[out:end].tobytes() if end else None

        return portions()

    def close(self) -> None:
        """Gives the memory back; the machine is of no use afterwards."""
        self._bytes = np.zeros(0, np.uint8)
        self._store.close()

    def _map(self) -> None:
        length = self._memory.data_len(self._store)
        self._bytes = np.ctypeslib.as_array(self._memory.data_ptr(self._store), (length,))


def _quick(function: Any, store: Any) -> Callable[[int], int]:
    """A function of one address that gives another, without what wasmtime's own call does about any types: 60 µs."""

    def plainly(address: int) -> int:
        return int(function(store, address)) & 0xFFFFFFFF

    try:
        from wasmtime import _ffi

        arguments, results = (_ffi.wasmtime_val_t * 1)(), (_ffi.wasmtime_val_t * 1)()
        arguments[0].kind = _ffi.WASMTIME_I32
        trap: Any = ctypes.POINTER(_ffi.wasm_trap_t)()
        context, address_of_trap, inner = store._context(), ctypes.byref(trap), ctypes.byref(function._func)
        call: Any = _ffi.wasmtime_func_call
    except (ImportError, AttributeError):  # names that no other version has to keep
        return plainly

    def quickly(address: int) -> int:
        arguments[0].of.i32 = address
        error = call(context, inner, arguments, 1, results, 1, address_of_trap)
        if error or trap:  # pointers, which are false when they point nowhere
            return plainly(address)  # which says what is wrong
        return int(results[0].of.i32) & 0xFFFFFFFF

    return quickly


def _aligned(address: int) -> int:
    return -(-address // 16) * 16


class _Code:
    """The compiled module, which all threads share."""

    def __init__(self) -> None:
        import wasmtime

        self.engine = wasmtime.Engine()
        self.module = wasmtime.Module(self.engine, files(__package__).joinpath("lines.wasm").read_bytes())
        self.machines: weakref.WeakSet[Machine] = weakref.WeakSet()
        # The interpreter takes modules apart in no order that wasmtime's own clean-up could rely on.
        atexit.register(self.close)

    def close(self) -> None:
        for each in list(self.machines):
            each.close()
        self.module.close()
        self.engine.close()


_lock = threading.Lock()
_own = threading.local()


@cache
def _compiled() -> _Code | None:
    """The code; None where there is no wasmtime, or it may not make memory executable."""
    try:
        import wasmtime
    except ImportError:
        return None
    try:
        return _Code()
    except wasmtime.WasmtimeError:
        return None


def _started(code: _Code) -> Machine:
    import wasmtime

    try:
        return Machine(code)
    except wasmtime.WasmtimeError:  # a limit on addresses: memory is reserved generously
        raise Unavailable from None


def is_worth(rows: int) -> bool:
    """Whether so few rows are written sooner by a machine: making the first one takes as long as some thousand rows."""
    return rows >= _WORTH_ROWS or getattr(_own, "machine", None) is not None


def machine() -> Machine:
    """This thread's machine. Raises Unavailable where this platform has none."""
    found: Machine | None = getattr(_own, "machine", None)
    if found is None:
        with _lock:
            code = _compiled()
            if code is None:
                raise Unavailable
            found = _own.machine = _started(code)
            code.machines.add(found)
    return found

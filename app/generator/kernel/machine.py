"""The WebAssembly instance that runs `lines.wasm`, and its memory.

Each thread has its own instance: a store may not be entered twice at a time. What a kernel does wrong ends in a trap
in a memory of its own, never in the process' memory.
"""

import atexit
import threading
import weakref
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Bytes = npt.NDArray[np.uint8]

# Kernels copy in whole blocks, beyond the end of what they copy.
SLACK = 64
_PAGE = 65_536
_LARGEST_MEMORY = 1 << 30
# Pools that are kept beyond a batch; when there are more, all are copied in again.
_MOST_KEPT_BYTES = 64 * 1024 * 1024
_MOST_KEPT = 4_096


class Full(Exception):
    """What has to be written does not fit the kernel's memory."""


class Machine:
    """An instance and an allocator of its memory: what is kept from batch to batch below, a batch's data above."""

    def __init__(self, code: "_Code") -> None:
        import wasmtime

        self._store = wasmtime.Store(code.engine)
        instance = wasmtime.Instance(self._store, code.module, [])
        exports: Any = instance.exports(self._store)
        self._memory = exports["memory"]
        self._write_lines = exports["write_lines"]
        self._base = _aligned(exports["heap_base"](self._store))
        self._kept_end = self._next = self._base
        self._kept: dict[Any, tuple[Any, Any]] = {}
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
        self, pieces: npt.NDArray[np.uint32], rows: int, delimiter: str, null: str, most: int
    ) -> bytes | None:
        """The lines that `pieces` describe, of at most `most` bytes; None where the kernel cannot write them."""
        program = self.put(pieces)
        null_at = self.put(null.encode())
        out = self.reserve(most)
        end = self._write_lines(self._store, program, len(pieces), rows, ord(delimiter), null_at, len(null), out)
        return self._bytes[out:end].tobytes() if end else None

    def close(self) -> None:
        """Gives the memory back; the machine is of no use afterwards."""
        self._bytes = np.zeros(0, np.uint8)
        self._store.close()

    def _map(self) -> None:
        length = self._memory.data_len(self._store)
        self._bytes = np.ctypeslib.as_array(self._memory.data_ptr(self._store), (length,))


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
def _compiled() -> _Code:
    return _Code()


def machine() -> Machine:
    """This thread's machine."""
    found: Machine | None = getattr(_own, "machine", None)
    if found is None:
        with _lock:
            code = _compiled()
            found = _own.machine = Machine(code)
            code.machines.add(found)
    return found

"""Inner loops that run as WebAssembly: `lines.c` is their source, `lines.wasm` what `make kernel` makes of it."""

"""The engine's version: part of every key, so that a change of any byte is a deliberate one."""

ENGINE_VERSION = 1

"""Writes a packed E5 file small enough to damage everywhere."""

import struct

D_MODEL, D_INNER, N_VOCAB, N_POSITIONS = 32, 64, 8, 4
PIECES = ("<s>", "<pad>", "</s>", "<unk>", "▁a", "ß", "<mask>")
SCORES = (0.0, 0.0, 0.0, 0.0, -1.0, -2.0, 0.0)


def tiny_file() -> bytes:
    """One layer, two heads, seven pieces; every scale 1/16, every float 0.25. Nothing follows the last tensor."""
    blob = "".join(PIECES).encode()
    ends = [len("".join(PIECES[:n]).encode()) for n in range(len(PIECES) + 1)]
    head = struct.pack("<4sI7ifi", b"E5S1", 1, D_MODEL, 1, 2, D_INNER, N_VOCAB, N_POSITIONS, 2, 1e-12, 32)
    head += struct.pack("<5iQ", len(PIECES), 0, 2, 1, 3, len(blob))
    head += struct.pack(f"<{len(ends)}I{len(SCORES)}f", *ends, *SCORES) + blob
    head += struct.pack("<iI", 0, 0)
    tensors = _tensors()
    directory = 4 + sum(2 + len(name) + 21 for name in tensors)
    at = len(head) + directory
    head += struct.pack("<i", len(tensors))
    for name, (kind, count) in tensors.items():
        size = count // 32 * 18 if kind else 4 * count
        head += struct.pack("<H", len(name)) + name.encode() + struct.pack("<BIQQ", kind, count, at, size)
        at += size
    block = struct.pack("<e", 1 / 16) + bytes(range(16))
    bodies = (block * (n // 32) if kind else struct.pack("<f", 0.25) * n for kind, n in tensors.values())
    return head + b"".join(bodies)


def _tensors() -> dict[str, tuple[int, int]]:
    """Type (1 is 4-bit) and count by name."""
    d, inner = D_MODEL, D_INNER
    found = {"emb.word": (1, N_VOCAB * d), "emb.pos": (0, N_POSITIONS * d), "emb.type": (0, 2 * d)}
    found |= {"emb.ln.w": (0, d), "emb.ln.b": (0, d)}
    for name in ("q", "k", "v", "ao"):
        found |= {f"l0.{name}.w": (1, d * d), f"l0.{name}.b": (0, d)}
    for name in ("aln", "oln"):
        found |= {f"l0.{name}.w": (0, d), f"l0.{name}.b": (0, d)}
    return found | {"l0.fi.w": (1, inner * d), "l0.fi.b": (0, inner), "l0.fo.w": (1, inner * d), "l0.fo.b": (0, d)}

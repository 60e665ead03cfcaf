"""Writes OLE compound files for tests: small streams in the mini stream, as every reader expects it."""

import struct

SECTOR, MINI, CUTOFF = 512, 64, 4096
END, FREE, FAT = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD
Tree = dict[str, "bytes | Tree"]


class _Chains:
    """Sectors of one size, and the table that chains them."""

    def __init__(self, size: int) -> None:
        self.size, self.content, self.table = size, bytearray(), list[int]()

    def add(self, content: bytes) -> int:
        """Append a stream; where it begins."""
        start, count = len(self.table), -(-len(content) // self.size)
        self.content += content.ljust(count * self.size, b"\0")
        self.table += [*range(start + 1, start + count), END] if count else []
        return start if count else END


def write_ole(tree: Tree) -> bytes:
    """The file of these streams (bytes) and storages (dicts)."""
    entries: list[list] = []  # name, type, right sibling, child, start, size
    sectors, minis = _Chains(SECTOR), _Chains(MINI)

    def add(name: str, node: "bytes | Tree", kind: int) -> int:
        number = len(entries)
        entries.append([name, kind, FREE, FREE, 0, 0])
        if isinstance(node, bytes):
            entries[number][4:] = (minis if len(node) < CUTOFF else sectors).add(node), len(node)
            return number
        children = [add(each, inside, 2 if isinstance(inside, bytes) else 1) for each, inside in sorted(node.items())]
        for one, after in zip(children, children[1:], strict=False):
            entries[one][2] = after
        entries[number][3] = children[0] if children else FREE
        return number

    add("Root Entry", tree, 5)
    mini_table = struct.pack(f"<{len(minis.table)}I", *minis.table)
    entries[0][4:] = sectors.add(bytes(minis.content)), len(minis.content)
    mini_start, mini_count = sectors.add(mini_table), -(-len(mini_table) // SECTOR)
    directory = sectors.add(b"".join(_entry(*each) for each in entries))
    tables = 1
    while tables * 128 < len(sectors.table) + tables:
        tables += 1
    first = len(sectors.table)
    table = [*sectors.table, *[FAT] * tables]
    table += [FREE] * (tables * 128 - len(table))
    header = struct.pack(
        "<8s16sHHHHH6xIIIIIIIII", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"", 0x3E, 3, 0xFFFE, 9, 6, 0, tables,
        directory, 0, CUTOFF, mini_start, mini_count, END, 0,
    )  # fmt: skip
    places = [first + number for number in range(tables)]
    header += struct.pack("<109I", *places, *[FREE] * (109 - tables))
    return header + bytes(sectors.content) + struct.pack(f"<{len(table)}I", *table)


def _entry(name: str, kind: int, right: int, child: int, start: int, size: int) -> bytes:
    letters = name.encode("utf-16-le") + b"\0\0"
    return struct.pack(
        "<64sHBBIII16sIQQIQ", letters, len(letters), kind, 1, FREE, right, child, b"", 0, 0, 0, start, size
    )

"""What a power cut leaves of a folder, made from the journal of the calls on it (fault_preload.cc).

A file keeps what it held at its last sync; of what was written after that any part may be there, with holes. A folder
keeps its changes up to its last sync; of those after it the first few, for file systems keep their order.
"""
import os
import stat

import faults

PAGE = 4096


def sizes(folder):
    """The files as they stand, all of it on the disk: for a cut that comes later. By inode."""
    found = {}
    for at, _, names in os.walk(folder):
        for name in names:
            s = os.lstat(os.path.join(at, name))
            found[s.st_ino] = s.st_size
    return found


def cut(folder, journal, grave, before, r):
    """Makes `folder` what it may be after the cut. `before` is what sizes() said when the journal began."""
    synced = dict(before)
    pending = {}
    for call, kind, _, name, rest in faults.calls(journal):
        if call == "sync" and kind == "folder":
            pending.pop(name, None)
        elif call == "sync":
            inode, size = map(int, rest.split())
            synced[inode] = max(synced.get(inode, 0), size)
        elif call in ("create", "rename", "link", "unlink"):
            pending.setdefault(os.path.dirname(name) or ".", []).append((call, name, *rest.split(" ")))
    for changes in pending.values():
        for change in reversed(changes[r.randint(0, len(changes)):]):
            undo(folder, grave, *change)
    for at, _, names in os.walk(folder):
        for name in names:
            lose(os.path.join(at, name), synced, r)


def undo(folder, grave, call, name, source="", kept=""):
    path = os.path.join(folder, name)
    if call in ("create", "link"):
        if os.path.lexists(path):
            os.unlink(path)
    elif call == "rename":
        if os.path.lexists(path) and not os.path.lexists(os.path.join(folder, source)):
            os.rename(path, os.path.join(folder, source))
    if kept and os.path.exists(os.path.join(grave, kept)) and not os.path.lexists(path):
        os.link(os.path.join(grave, kept), path)


def lose(path, synced, r):
    s = os.lstat(path)
    if not stat.S_ISREG(s.st_mode):
        return
    safe = min(synced.get(s.st_ino, 0), s.st_size)
    if safe == s.st_size:
        return
    end = r.choice((safe, r.randint(safe, s.st_size), s.st_size))
    os.truncate(path, end)
    with open(path, "r+b") as f:
        for page in range((safe + PAGE - 1) // PAGE * PAGE, end, PAGE):
            if r.random() < 0.3:  # was never written
                f.seek(page)
                f.write(bytes(min(PAGE, end - page)))

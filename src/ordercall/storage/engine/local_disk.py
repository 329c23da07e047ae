"""Whether a file lies on a disk of this machine. On others neither SQLite's log nor file locks hold."""

from __future__ import annotations

from pathlib import Path

from ordercall.errors import DatabaseUnusable

NETWORK_FILE_SYSTEMS = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "fuse.sshfs", "ceph", "fuse.ceph", "fuse.glusterfs", "lustre", "afs"}
)


def refuse_network_file_system(path: Path, mounts: Path = Path("/proc/mounts")) -> None:
    """Raise DatabaseUnusable where neither WAL nor file locks can be trusted. Only Linux lists its mounts."""
    if not mounts.exists():
        return
    kind = _file_system(path.resolve(), mounts.read_text(errors="replace"))
    if kind in NETWORK_FILE_SYSTEMS:
        raise DatabaseUnusable(
            f"{path} lies on a network file system ({kind}), where SQLite loses data; put it on a local disk, "
            "or use Postgres."
        )


def _file_system(path: Path, mounts: str) -> str:
    """Return the type of the innermost mount that holds the path."""
    kinds = {}
    for line in mounts.splitlines():
        _device, folder, kind, *_rest = line.split(" ")
        kinds[Path(folder.replace("\\040", " "))] = kind
    return next((kinds[folder] for folder in (path, *path.parents) if folder in kinds), "unknown")

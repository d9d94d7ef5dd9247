"""The operating system's account that runs PostgreSQL, which refuses to run as root."""

import grp
import hashlib
import os
import pwd
import shutil
import stat
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

COMMON_GROUND = Path("/var/tmp")  # noqa: S108 - every account reaches it, and it survives a restart of the machine


@dataclass(frozen=True)
class Account:
    """Who runs the server: another account when we are root, else ourselves (`user_id` is None)."""

    user_id: int | None = None
    group_id: int | None = None

    def run(
        self, command: Sequence[str | Path], environment: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run a command as this account, from `/`, with both outputs in `stdout`; never raises for its status."""
        return subprocess.run(
            [str(part) for part in command],
            check=False,
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            # Our own folder may be closed to that account.
            cwd="/",
            env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC", **(environment or {})},
            user=self.user_id,
            group=self.group_id,
            extra_groups=None if self.user_id is None else [],
        )

    def can_enter(self, folder: Path) -> bool:
        """Whether this account may reach what lies in an existing folder."""
        return self.run(["test", "-x", folder]).returncode == 0

    def can_execute(self, program: Path) -> bool:
        """Whether this account may start a program."""
        return self.run(["test", "-x", program, "-a", "-r", program]).returncode == 0

    def give(self, path: Path) -> None:
        """Make this account the owner of a file or folder that we made."""
        if self.user_id is not None and self.group_id is not None:
            os.chown(path, self.user_id, self.group_id, follow_symlinks=False)


def server_account() -> Account:
    """`postgres`, or else `nobody`, when we are root; ourselves otherwise.

    Raises:
        RuntimeError: We are root and neither account exists.
    """
    if os.geteuid() != 0:
        return Account()
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, grp.getgrgid(entry.pw_gid).gr_gid)
    raise RuntimeError(
        "PostgreSQL does not run as root and this machine has neither an account `postgres` nor `nobody`: "
        "add one (adduser --system --group postgres), run as an ordinary user, or set RESTOCK_POSTGRES_URL."
    )


def common_folder(stands_for: Path) -> Path:
    """The folder below /var/tmp that stands for a folder which the account cannot reach; made when missing.

    Raises:
        RuntimeError: Somebody else made a folder of that name.
    """
    digest = hashlib.sha256(str(stands_for).encode()).hexdigest()[:16]
    folder = COMMON_GROUND / f"restock-{digest}"
    folder.mkdir(mode=0o711, exist_ok=True)
    found = folder.lstat()
    if found.st_uid != os.geteuid() or not stat.S_ISDIR(found.st_mode):
        raise RuntimeError(f"{folder} belongs to somebody else: remove it, or set RESTOCK_STATE_DIR to another folder.")
    folder.chmod(0o711)
    return folder


def reachable_copy(account: Account, folders: Sequence[Path], program: Path, stamp: str) -> Path:
    """Copy sibling folders to where the account can read them, once per stamp.

    Args:
        account: Who shall read them.
        folders: Folders of one parent.
        program: The program that is to be run, in one of the folders.
        stamp: Changes when the contents do, such as a version.

    Returns:
        The program's path in the copy.
    """
    parent = folders[0].parent
    home = common_folder(parent)
    copy = home / stamp
    if not copy.exists():
        # A copy that was cut short never carries the final name.
        partial = home / f"{stamp}.{os.getpid()}.part"
        for folder in folders:
            shutil.copytree(folder, partial / folder.name, symlinks=True)
        for path in [partial, *partial.rglob("*")]:
            if not path.is_symlink():
                path.chmod(0o755 if path.stat().st_mode & stat.S_IXUSR else 0o644)
        try:
            partial.rename(copy)
        except OSError:
            # Another process was quicker.
            shutil.rmtree(partial)
    reachable = copy / program.relative_to(parent)
    if not account.can_execute(reachable):
        raise RuntimeError(f"{reachable} cannot be run by another account: check how {COMMON_GROUND} is mounted.")
    return reachable

"""Where the embedded stack keeps everything: one folder, `.local` of the checkout unless RESTOCK_STATE_DIR says so."""

import base64
import fcntl
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

CHECKOUT = Path(__file__).parents[3]


class StackError(RuntimeError):
    """The stack cannot do what was asked; the message says what is wrong and what to do."""


@dataclass(frozen=True)
class Secrets:
    """Passwords and keys of one stack, made once."""

    postgres_password: str
    admin_password: str
    fernet_key: str
    jwt_secret: str
    session_key: str
    link_secret: str
    intake_password: str
    owner_password: str
    pipeline_password: str
    console_password: str
    analyst_password: str
    metadata_password: str
    widget_key: str
    operator_key: str


@dataclass(frozen=True)
class State:
    """The folder and what lies in it."""

    root: Path

    @classmethod
    def from_environment(cls) -> "State":
        """The folder that RESTOCK_STATE_DIR names, else `.local`; not made yet."""
        return cls(Path(os.environ.get("RESTOCK_STATE_DIR") or CHECKOUT / ".local").absolute())

    @property
    def postgres(self) -> Path:
        """Data of PostgreSQL."""
        return self.root / "postgres" / "data"

    @property
    def airflow_home(self) -> Path:
        """AIRFLOW_HOME."""
        return self.root / "airflow"

    @property
    def landing(self) -> Path:
        """The landing area."""
        return self.root / "landing"

    @property
    def mailbox(self) -> Path:
        """The mails received, a SQLite database."""
        return self.root / "mailbox.sqlite"

    @property
    def logs(self) -> Path:
        """One log for each process, and Airflow's own."""
        return self.root / "logs"

    @property
    def run(self) -> Path:
        """What is running: pid files."""
        return self.root / "run"

    @property
    def env(self) -> Path:
        """The settings, as a file to source in a shell."""
        return self.root / "env"

    @property
    def ports(self) -> Path:
        """The ports, kept so that a restart has the same."""
        return self.root / "ports.json"

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Make the folder if need be, and wait until no other command works in it."""
        try:
            for folder in (self.run, self.logs, self.landing, self.airflow_home):
                folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StackError(
                f"The state folder {self.root} cannot be made ({error}): set RESTOCK_STATE_DIR to a folder of yours."
            ) from error
        with (self.run / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                print("Waiting for another command that works on this stack.", flush=True)
                fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def secrets(self) -> Secrets:
        """The secrets. Those that are missing are made: all by the first call, a new one after an upgrade."""
        path = self.root / "secrets.json"
        stored: dict[str, str] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        made = Secrets(
            postgres_password=secrets.token_urlsafe(24),
            admin_password=secrets.token_urlsafe(12),
            fernet_key=base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
            jwt_secret=secrets.token_urlsafe(64),
            session_key=secrets.token_urlsafe(32),
            link_secret=secrets.token_urlsafe(32),
            intake_password=secrets.token_urlsafe(24),
            owner_password=secrets.token_urlsafe(24),
            pipeline_password=secrets.token_urlsafe(24),
            console_password=secrets.token_urlsafe(24),
            analyst_password=secrets.token_urlsafe(24),
            metadata_password=secrets.token_urlsafe(24),
            widget_key=f"rk_{secrets.token_urlsafe(32)}",
            operator_key=f"rk_{secrets.token_urlsafe(32)}",
        )
        complete = Secrets(**{**asdict(made), **stored})
        if asdict(complete) != stored:
            write_private(path, json.dumps(asdict(complete), indent=2) + "\n")
        return complete


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read, whole or not at all."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    unfinished.unlink(missing_ok=True)
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    unfinished.rename(path)

"""A Slurm of its own on this machine: munged, slurmctld and two nodes, as the user who runs the tests."""

import contextlib
import getpass
import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from support.llama_peer import free_port

T = TypeVar("T")

DAEMONS = ("munged", "slurmctld", "slurmd")
NODES = ("one", "two")
CPUS = 4  # of each node, whatever the machine has
STOP_SECONDS = 60
COMMAND_SECONDS = 60

CONFIGURATION = """\
ClusterName=test
SlurmctldHost=localhost(127.0.0.1)
SlurmctldPort={port}
SlurmUser={user}
SlurmdUser={user}
AuthInfo=socket={folder}/munge.socket
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool-%n
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd-%n.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd-%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SlurmdParameters=config_overrides
SchedulerParameters=sched_interval=1,batch_sched_delay=0,bf_interval=1
KillWait=30
{nodes}
PartitionName=all Nodes=ALL Default=YES State=UP
"""


class Slurm:
    """The commands of a Slurm that runs."""

    def __init__(self, configuration: Path):
        self._configuration = configuration

    @property
    def environment(self) -> dict[str, str]:
        """This process's environment, with which commands and so jobs begin."""
        return os.environ | {"SLURM_CONF": str(self._configuration)}

    def call(self, *words: object) -> str:
        """What a command of Slurm prints."""
        command = list(map(str, words))
        return subprocess.run(
            command, check=True, stdout=subprocess.PIPE, text=True, timeout=COMMAND_SECONDS, env=self.environment
        ).stdout

    def submit(self, *words: object) -> str:
        """Have a job made; returns its number."""
        return self.call("sbatch", "--parsable", *words).strip()

    def states(self, job: str) -> list[str]:
        """The states of a job's tasks, with their exit codes and signals, such as `COMPLETED 0:0`, in their order."""
        lines = self.call("scontrol", "--oneliner", "show", "job", job).splitlines()
        tasks = [dict(word.split("=", 1) for word in line.split() if "=" in word) for line in lines]
        tasks.sort(key=lambda task: task.get("ArrayTaskId", ""))  # of tasks that wait, such as 0-1
        return [f"{task['JobState']} {task['ExitCode']}" for task in tasks]

    def end_soon(self, job: str) -> None:
        """Set a running job's time limit to the next minute but one, of which a script may ask to be told before."""
        began = self.call("squeue", "--noheader", "--format=%M", "--job", job).strip()  # such as 1:02
        minutes = int(began.rsplit(":", 1)[0])
        self.call("scontrol", "update", f"JobId={job}", f"TimeLimit={minutes + 2}")

    def ended(self, job: str, seconds: float) -> list[str]:
        """The states of a job's tasks once none waits or runs."""

        def states_at_end() -> list[str]:
            states = self.states(job)
            waiting = ("PENDING", "CONFIGURING", "RUNNING", "SIGNALING", "COMPLETING")
            return [] if any(state.startswith(waiting) for state in states) else states

        return until(states_at_end, seconds)


def until(condition: Callable[[], T], seconds: float) -> T:
    """What the condition returns as soon as that is true; AssertionError after so many seconds."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, f"not within {seconds} s: {condition}"
        time.sleep(0.1)
    return found


@contextlib.contextmanager
def slurm_cluster(start_seconds: float = 120) -> Iterator[Slurm]:
    """A Slurm while it runs."""
    with tempfile.TemporaryDirectory(prefix="slurm-") as name, contextlib.ExitStack() as daemons:
        folder = Path(name)
        folder.chmod(0o755)  # munged's socket is for all users, or it does not start
        slurm = Slurm(write_configuration(folder))
        environment = slurm.environment
        munge = ["munged", "--foreground", f"--key-file={folder}/munge.key", f"--socket={folder}/munge.socket"]
        munge += [f"--{kind}-file={folder}/munge.{kind}" for kind in ("pid", "log", "seed")]
        daemons.enter_context(running(munge, folder / "munge.out", environment))
        until((folder / "munge.socket").exists, start_seconds)
        daemons.enter_context(running(["slurmctld", "-D"], folder / "slurmctld.out", environment))
        for node in NODES:
            daemons.enter_context(running(["slurmd", "-D", "-N", node], folder / f"slurmd-{node}.out", environment))
        try:
            until(lambda: answers(slurm), start_seconds)
        except AssertionError as error:
            error.add_note("\n".join(log.read_text() for log in sorted(folder.glob("*.out"))))
            raise
        try:
            yield slurm
        finally:
            slurm.call("scancel", "--full", "--signal=KILL", "--user", getpass.getuser())
            until(lambda: not slurm.call("squeue", "--noheader"), STOP_SECONDS)


def write_configuration(folder: Path) -> Path:
    """The secret and slurm.conf, with ports that are free; returns the latter."""
    (folder / "munge.key").write_bytes(os.urandom(128))
    (folder / "munge.key").chmod(0o600)
    (folder / "state").mkdir()
    nodes = [
        f"NodeName={node} NodeHostname=localhost NodeAddr=127.0.0.1 CPUs={CPUS} Port={free_port()}" for node in NODES
    ]
    path = folder / "slurm.conf"
    path.write_text(
        CONFIGURATION.format(port=free_port(), user=getpass.getuser(), folder=folder, nodes="\n".join(nodes))
    )
    return path


def answers(slurm: Slurm) -> bool:
    """Whether all nodes are there."""
    try:
        states = slurm.call("sinfo", "--noheader", "--Node", "--format=%t").split()
    except subprocess.CalledProcessError:
        return False
    return states == ["idle"] * len(NODES)


@contextlib.contextmanager
def running(command: list[str], log: Path, environment: dict[str, str]) -> Iterator[None]:
    """A daemon while it runs."""
    with open(log, "wb") as output:
        daemon = subprocess.Popen(command, stdout=output, stderr=output, env=environment)
        try:
            yield
        finally:
            daemon.terminate()
            try:
                daemon.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                daemon.kill()
                daemon.wait()

"""What an unfinished run keeps on the disk, so that a run killed at any moment can go on.

A folder holds the run's identity (everything that decides its numbers), the last two training checkpoints and the
finished blocks of responses. Nothing in it is executable, and every file carries a digest: a damaged checkpoint is
recognised and the one before it is used.
"""

import contextlib
import hashlib
import json
import shutil
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.optim import Optimizer

from gpt2_experiments.devices.memory import free_memory_bytes
from gpt2_experiments.devices.ranks import first_only, from_first
from gpt2_experiments.devices.sharding import assign, like, on_first
from gpt2_experiments.experiment.finished_run import differing_parts
from gpt2_experiments.shared.errors import UserError, warn
from gpt2_experiments.shared.files import move_into_place, sha256_of, whole_file

KEPT_CHECKPOINTS = 2
ROOM_FOR_COPIES = 2  # sizes of a checkpoint: so much free memory of a GPU, and the copy is made there
IDENTITY = "identity.json"
RANKS = "ranks"  # in an identity, of more than one: how many they are

Checkpoint = tuple[dict[str, Tensor], dict[str, Any]]  # (tensors, plain data)


class UnfinishedRun:
    """The folder of one run, from its start until its last file is written.

    As a context it waits at its end for a checkpoint that is on its way to the disk.
    """

    def __init__(self, folder: Path):
        self.folder = folder
        self._beside_training = ThreadPoolExecutor(max_workers=1)
        self._on_its_way: Future[None] | None = None

    def __enter__(self) -> "UnfinishedRun":
        return self

    def __exit__(self, *_: object) -> None:
        self.finish_checkpoint()

    @first_only
    def begin(self, identity: Mapping[str, Any], resume: bool) -> None:
        """Start the run with this identity, or go on with it; `UserError` as `check` raises it."""
        self.check(identity, resume)
        if self.has_work():
            for left_over in (*self.folder.glob(".*.part"), *self.folder.glob(".tmp*")):  # of writers that were killed
                left_over.unlink()
        else:
            self.remove()
            self.folder.mkdir(parents=True)
            self.write_sealed(IDENTITY, dict(identity))

    def check(self, identity: Mapping[str, Any], resume: bool) -> None:
        """Change nothing.

        `UserError` where the folder holds work of an unfinished run and `resume` is false, and where it holds that of
        a run with another identity.
        """
        if not self.has_work():
            return
        if not resume:
            raise UserError(
                f"{self.folder}: holds an unfinished run; go on with --resume, or remove that folder to start afresh"
            )
        self._check_identity(identity)

    def _check_identity(self, identity: Mapping[str, Any]) -> None:
        """Raise `UserError` with all differences between this identity and that of the work in the folder."""
        found = self.read_sealed(IDENTITY)
        if found is None:
            raise UserError(f"{self.folder}: the file {IDENTITY} in it is damaged; remove that folder to start afresh")
        differing = differing_parts(identity, found)
        if RANKS in differing:  # then the last digits differ anyway, whatever the threads
            differing = [name for name in differing if name not in (RANKS, "threads")]
        differences = [
            f"{self.folder}: {name} is {identity.get(name)!r}, in the unfinished run it was {found.get(name)!r}"
            for name in differing
        ]
        if differences:
            advice = "going on needs the settings and data of the unfinished run; or remove that folder"
            if "threads" in differing:
                advice = (
                    f"set the environment variable OMP_NUM_THREADS={found.get('threads')} (with --processes so many "
                    f"times as there are processes); {advice}"
                )
            raise UserError(*differences, f"{self.folder}: {advice}")

    def has_work(self) -> bool:
        """Whether there is anything to go on from."""
        return any(self.folder.glob("step-*.json")) or any(self.folder.glob("responses-*.json"))

    @first_only
    def save_checkpoint(self, step: int, tensors: Mapping[str, Tensor], data: Mapping[str, Any]) -> None:
        """Keep `tensors` and `data` as the checkpoint after `step` steps, and the one before it.

        Returns as soon as the tensors are copied: to the system's file cache, or those of a GPU as `copies_of` does it.
        What is left takes seconds and goes on beside the training; `finish_checkpoint` raises what fails there.
        """
        self.finish_checkpoint()
        path = self.folder / f"step-{step:08d}.safetensors"
        part = path.with_name(f".{path.name}.part")
        unwritten = None
        if any(tensor.is_cuda for tensor in tensors.values()):
            unwritten = copies_of(tensors)
        else:
            write_tensors(tensors, part, path)
        self._on_its_way = self._beside_training.submit(self._complete_checkpoint, unwritten, part, path, dict(data))

    def finish_checkpoint(self, wait: bool = True) -> None:
        """Wait until the last checkpoint is on the disk, or see whether it is; raise what failed on its way."""
        if self._on_its_way and (wait or self._on_its_way.done()):
            on_its_way, self._on_its_way = self._on_its_way, None
            on_its_way.result()

    def _complete_checkpoint(
        self, unwritten: Mapping[str, Tensor] | None, part: Path, path: Path, data: dict[str, Any]
    ) -> None:
        """Write what is unwritten, give the checkpoint its digest and its name, remove older ones."""
        if unwritten is not None:
            with torch.cuda.stream(torch.cuda.Stream()):  # beside what the training computes
                write_tensors(unwritten, part, path)
        try:
            digest = sha256_of(part)
            move_into_place(part, path)
        except OSError as error:
            part.unlink(missing_ok=True)
            error.filename = str(path)
            raise
        self.write_sealed(f"{path.stem}.json", {"tensors_sha256": digest, **data})
        kept = [path.stem for path in self._checkpoints()[:KEPT_CHECKPOINTS]]
        for file in sorted(self.folder.glob("step-*")):  # the data before the tensors that it speaks of
            if file.stem not in kept:
                file.unlink()

    def load_checkpoint(self) -> Checkpoint | None:
        """The last checkpoint that is whole; None where there is none. A damaged one is removed with a warning."""
        found = from_first(self._find_checkpoint())
        return found and (load_file(found[0]), found[1])

    @first_only
    def _find_checkpoint(self) -> tuple[Path, dict[str, Any]] | None:
        """The file of tensors and the data of the last checkpoint that is whole."""
        for path in self._checkpoints():
            data = self.read_sealed(path.name)
            tensors = path.with_suffix(".safetensors")
            if data is not None and tensors.exists() and sha256_of(tensors) == data["tensors_sha256"]:
                return tensors, data
            warn(f"{path}: this checkpoint is damaged; it is removed, the one before it is used if there is one")
            path.unlink()
            tensors.unlink(missing_ok=True)
        return None

    def last_checkpoint(self) -> Path | None:
        """The file of the last checkpoint, if there is one."""
        self.finish_checkpoint()
        return next(iter(self._checkpoints()), None)

    def last_step(self) -> int:
        """After how many steps the last checkpoint is; 0 where there is none."""
        try:
            return max((int(path.stem.removeprefix("step-")) for path in self._checkpoints()), default=0)
        except FileNotFoundError:  # another process has just removed the folder
            return 0

    def _checkpoints(self) -> list[Path]:
        """The checkpoints' data files, the last one first."""
        return sorted(self.folder.glob("step-*.json"), reverse=True)

    def write_sealed(self, name: str, data: Any) -> None:
        """Write `data` as JSON together with its digest."""
        with whole_file(self.folder / name) as file:
            file.write(json.dumps({"sha256": _digest(data), "data": data}, allow_nan=False).encode())

    def read_sealed(self, name: str) -> Any | None:
        """What `write_sealed` wrote; None where the file is missing or damaged."""
        try:
            sealed = json.loads((self.folder / name).read_bytes())
        except (FileNotFoundError, ValueError):  # ValueError: neither UTF-8 nor JSON
            return None
        if not isinstance(sealed, dict) or sealed.get("sha256") != _digest(sealed.get("data")):
            return None
        return sealed["data"]

    @first_only
    def remove(self) -> None:
        """Remove the folder and everything in it; a kill in between leaves nothing that looks like a run."""
        if self._on_its_way:  # it writes in the folder; what fails there is no loss any more
            wait([self._on_its_way])
            self._on_its_way = None
        doomed = self.folder.with_name(f".{self.folder.name}.removed")
        if doomed.exists():
            shutil.rmtree(doomed)
        if self.folder.exists():
            self.folder.rename(doomed)
            shutil.rmtree(doomed)


def copies_of(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The tensors, those on a GPU copied: there, in no time, where there is room; else to the memory, in seconds."""
    on_gpu = {name: tensor for name, tensor in tensors.items() if tensor.is_cuda}
    n_bytes = sum(tensor.nbytes for tensor in on_gpu.values())
    if free_memory_bytes(torch.device("cuda")) > ROOM_FOR_COPIES * n_bytes:
        with contextlib.suppress(torch.OutOfMemoryError):  # free memory may belong to graphs
            copies = {name: tensor.clone() for name, tensor in on_gpu.items()}
            torch.cuda.synchronize()  # another stream reads them
            return {**tensors, **copies}
    return {**tensors, **{name: tensor.cpu() for name, tensor in on_gpu.items()}}


def write_tensors(tensors: Mapping[str, Tensor], part: Path, path: Path) -> None:
    """Write the tensors of the checkpoint `path` into the file `part`."""
    try:
        save_file(dict(tensors), part)
    except SafetensorError as error:  # a full disk, above all
        part.unlink(missing_ok=True)
        raise UserError(
            f"{path}: cannot be written ({error}); make room and go on from the checkpoint before it"
        ) from error


def training_tensors(model: nn.Module, optimizer: Optimizer) -> dict[str, Tensor]:
    """Everything that training changes: trainable weights, the optimizer's state, the random generator's state.

    Of several ranks the first one has it.
    """
    tensors = {f"weight.{name}": weight.detach() for name, weight in _trained(model).items()}
    return on_first(tensors | optimizer_tensors(optimizer, "optimizer") | {"rng": torch.get_rng_state()})


@torch.no_grad()
def restore_training(model: nn.Module, optimizer: Optimizer, tensors: Mapping[str, Tensor]) -> None:
    """Put `training_tensors` back, in place: where weights lie in memory can show in the last bit of a product."""
    for name, weight in _trained(model).items():
        assign(weight, tensors[f"weight.{name}"])
    restore_optimizer(optimizer, "optimizer", tensors)
    torch.set_rng_state(tensors["rng"])


def optimizer_tensors(optimizer: Optimizer, name: str) -> dict[str, Tensor]:
    """The optimizer's state under `name`."""
    states = optimizer.state_dict()["state"]
    return {f"{name}.{index}.{key}": value for index, state in states.items() for key, value in state.items()}


def restore_optimizer(optimizer: Optimizer, name: str, tensors: Mapping[str, Tensor]) -> None:
    """Put `optimizer_tensors` back."""
    parameters = [parameter for group in optimizer.param_groups for parameter in group["params"]]
    states: dict[int, dict[str, Tensor]] = {}
    for path, tensor in tensors.items():
        if path.startswith(f"{name}."):
            _, index, key = path.split(".")
            kept = tensor.clone()  # the file's mapping ends with the checkpoint
            states.setdefault(int(index), {})[key] = like(parameters[int(index)], kept)
    optimizer.load_state_dict({"state": states, "param_groups": optimizer.state_dict()["param_groups"]})


def _trained(model: nn.Module) -> dict[str, nn.Parameter]:
    """The parameters that training changes, by name."""
    return {name: parameter for name, parameter in model.named_parameters() if parameter.requires_grad}


def _digest(data: Any) -> str:
    """SHA-256 of the data's canonical JSON."""
    return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()

"""The records that runs leave, for all that reads them later: what their files are called, and what is in one."""

from pathlib import Path
from typing import Any

from gpt2_experiments.shared.errors import UserError
from gpt2_experiments.shared.files import read_json

RECORD = "experiment"  # how the names of records begin
FIELDS = {"exercise_solution": list, "identity": dict, "files": list, "evaluations": list, "model_label": str}
RECORDS = f"{RECORD}-*.json"  # all records of a folder


def read_record(path: Path) -> Any:
    """What the file of a record holds; `UserError` where there is none, or no JSON."""
    try:
        return read_json(path)
    except FileNotFoundError:
        raise UserError(f"{path}: not found; name a run's {RECORDS} or the folder it is in") from None
    except ValueError as error:
        raise UserError(f"{path}: not valid JSON ({error}); make the run again") from None


def is_run_record(record: Any) -> bool:
    """Whether what a file holds is the record of a finished run of this suite."""
    return (
        isinstance(record, dict)
        and all(isinstance(record.get(name), kind) and record[name] for name, kind in FIELDS.items())
        and all(isinstance(name, str) for name in record["files"])
        and {"model", "weights", "models_dir", "weights_url", "lora_alpha"} <= record.keys()
    )

"""A tuned model for other programs: Hugging Face's libraries, PEFT, llama.cpp, Ollama.

    python export_model.py runs --to huggingface

Takes a run's folder, record or weights, and makes a folder, which is whole or absent: what is written is read back and
has to compute what the run's model computes.
"""

from gpt2_experiments.experiment.tuned_run import TunedRun, find_run
from gpt2_experiments.exporting.gguf_files import check_gguf
from gpt2_experiments.exporting.settings import ADAPTERS, FORMATS, GGUF, Settings, parse_settings
from gpt2_experiments.exporting.writing import EXPORTS, Tuned
from gpt2_experiments.shared.commands import run_command
from gpt2_experiments.shared.errors import UsageError, UserError, command_line
from gpt2_experiments.shared.files import whole_folder

NEXT = {  # what to type then
    "huggingface": "in Python: AutoModelForCausalLM.from_pretrained({folder!r})",
    "peft": "in Python: PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained({base!r}), {folder!r})",
    "gguf": "llama-server -m {quoted}/model.gguf --jinja",
    "gguf_adapter": "llama-server -m {quoted}/base.gguf --lora {quoted}/adapter.gguf --jinja",
    "ollama": "ollama create tuned -f {quoted}/Modelfile",
}


def main(arguments: list[str] | None = None) -> None:
    """Export the model that the command line names."""
    settings = parse_settings(arguments)
    run = find_run(settings.run)
    check(settings, run)
    output = settings.output_dir or run.record_path.parent / f"{run.name}-{settings.to}"
    with whole_folder(output) as folder:
        difference = EXPORTS[settings.to](folder, Tuned(run), settings.dtype)
    names = {"folder": str(output), "base": str(output / "base"), "quoted": command_line(output)}
    print(f"Exported as {output}: the logits of a sample are those of the run's model, to {difference:.2g}")
    print(f"Next: {NEXT[settings.to].format(**names)}")


def check(settings: Settings, run: TunedRun) -> None:
    """`UserError` for what the run cannot be exported to."""
    types = FORMATS[settings.to]
    if settings.dtype not in types:
        raise UsageError(f"--dtype {settings.dtype}: --to {settings.to} has {', '.join(types)}")
    if settings.to in ADAPTERS and not run.variant.lora:
        raise UserError(f"{run.record_path}: a run without LoRA has no adapter; use --to huggingface or gguf")
    if settings.to in GGUF:
        check_gguf(settings.dtype, run.source.hparams["n_embd"])


def command() -> None:
    """The command, as it is installed."""
    run_command(main)


if __name__ == "__main__":
    command()

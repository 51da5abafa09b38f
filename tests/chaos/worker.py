"""The worker as production starts it, with one thing more: SIGUSR1 blocks its event loop, as a runaway call would.

python -m tests.chaos.worker        with BLOCK_S in the environment
"""

import os
import signal
import sys
import time

from procrastinate.cli import main


def _block(_number: int, _frame: object) -> None:
    time.sleep(float(os.environ["BLOCK_S"]))  # the fault itself: the event loop does not move


if __name__ == "__main__":
    signal.signal(signal.SIGUSR1, _block)
    sys.argv = ["procrastinate", "--app=tasks.app", "worker"]
    main()  # type: ignore[no-untyped-call]  # Procrastinate's command line
